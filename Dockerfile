FROM rust:1.95-bookworm AS builder
WORKDIR /source
COPY . .
RUN cargo build --release --locked --package relance-cli

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --home-dir /var/lib/relance relance \
    && install --directory --owner=relance --group=relance --mode=0700 /var/lib/relance/relance-data
COPY --from=builder /source/target/release/relance /usr/local/bin/relance
USER relance
WORKDIR /var/lib/relance
ENV RELANCE__LISTEN=0.0.0.0:8080
EXPOSE 8080
ENTRYPOINT ["relance"]
CMD ["serve"]
