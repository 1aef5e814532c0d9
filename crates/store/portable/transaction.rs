//! Transactions around the functions of the subjects: retried where another one is in the way, and ringing the bell where what they
//! did may be work for somebody.

use std::future::Future;

use relance_store::{Result, StoreError};

use crate::connect::{TRIES_MAX, in_time};

/// Runs a named transaction again when another one was in the way: nothing of a failed try stays.
pub(super) async fn retried<T, F>(name: &'static str, mut transaction: impl FnMut() -> F + Send) -> Result<T>
where
    F: Future<Output = Result<T>> + Send,
{
    let mut tries = 1;
    loop {
        match in_time(name, transaction()).await {
            Err(StoreError::Busy(cause)) if tries < TRIES_MAX => {
                tracing::debug!(name, tries, %cause, "store.transaction.retried");
                tries += 1;
            }
            result => return result,
        }
    }
}

/// One write transaction around a function of a subject, retried when another one is in the way.
macro_rules! write {
    ($store:expr, $name:literal, $module:ident :: $function:ident ( $($argument:expr),* )) => {
        retried($name, || async {
            let mut transaction = $store.begin().await?;
            let result = $module::$function(&mut transaction, $($argument),*).await?;
            $store.commit(transaction).await?;
            Ok(result)
        })
        .await
    };
}

/// One write transaction for a batch, retried when another one is in the way.
macro_rules! write_batch {
    ($store:expr, $name:literal, $module:ident :: $function:ident ( $($argument:expr),* )) => {
        retried($name, || async {
            let mut transaction = $store.begin_batch().await?;
            let result = $module::$function(&mut transaction, $($argument),*).await?;
            $store.commit(transaction).await?;
            Ok(result)
        })
        .await
    };
}

/// The same where the result may be work for whoever waits: then the bell rings as the transaction is committed.
macro_rules! write_and_ring {
    ($store:expr, $name:literal, $module:ident :: $function:ident ( $($argument:expr),* ), $makes_work:expr) => {
        retried($name, || async {
            let mut transaction = $store.begin().await?;
            let result = $module::$function(&mut transaction, $($argument),*).await?;
            if $makes_work(&result) {
                $store.commit_and_ring(transaction).await?;
            } else {
                $store.commit(transaction).await?;
            }
            Ok(result)
        })
        .await
    };
}

/// A function of a subject that reads, without a transaction around it.
macro_rules! read {
    ($store:expr, $module:ident :: $function:ident ( $($argument:expr),* )) => {{
        let mut connection = $store.reader().await?;
        $module::$function(&mut connection, $($argument),*).await
    }};
}

/// The same for a batch.
macro_rules! read_batch {
    ($store:expr, $module:ident :: $function:ident ( $($argument:expr),* )) => {{
        let mut connection = $store.batch_reader().await?;
        $module::$function(&mut connection, $($argument),*).await
    }};
}

/// The same where several statements must see one moment.
macro_rules! read_one_moment {
    ($store:expr, $module:ident :: $function:ident ( $($argument:expr),* )) => {{
        let mut transaction = $store.begin_read().await?;
        let result = $module::$function(&mut transaction, $($argument),*).await?;
        transaction.commit().await.map_err(failed)?;
        Ok(result)
    }};
}

/// What rings whatever came of it: a ring for nothing does no harm where the deed is rare.
pub(super) fn always<T>(_: &T) -> bool {
    true
}

/// What rings where it moved anything. Loops that ring wake themselves: they must not for nothing.
pub(super) fn some(moved: &u64) -> bool {
    *moved > 0
}

pub(super) use {read, read_batch, read_one_moment, write, write_and_ring, write_batch};
