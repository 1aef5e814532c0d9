//! Transactions by name: how they begin, are tried again and end.

use relance_store::{Result, StoreError};

/// How often a transaction is tried that another one was in the way of.
const TRIES_MAX: u32 = 8;

/// Runs a named transaction again when another one was in the way: nothing of a failed try stays.
pub(super) async fn retried<T, F>(name: &'static str, mut transaction: impl FnMut() -> F + Send) -> Result<T>
where
    F: Future<Output = Result<T>> + Send,
{
    let mut tries = 1;
    loop {
        match transaction().await {
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
            transaction.commit().await.map_err(crate::connect::failed)?;
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

/// The same where several statements must see one moment.
macro_rules! read_one_moment {
    ($store:expr, $module:ident :: $function:ident ( $($argument:expr),* )) => {{
        let mut transaction = $store.begin_read().await?;
        let result = $module::$function(&mut transaction, $($argument),*).await?;
        transaction.commit().await.map_err(crate::connect::failed)?;
        Ok(result)
    }};
}

pub(super) use {read, read_one_moment, write};
