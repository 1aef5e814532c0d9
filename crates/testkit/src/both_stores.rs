//! Stories that are told on both stores.

/// Makes a test of each story for each store. A story is an async function over a [`World`](crate::World); after it the
/// [invariants](crate::invariants) must hold.
#[macro_export]
macro_rules! on_both_stores {
    ($($story:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                let world = $crate::World::sqlite().await;
                super::$story(&world).await;
                world.hold_invariants().await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                let world = $crate::World::postgres().await;
                super::$story(&world).await;
                world.hold_invariants().await;
            })+
        }
    };
}
