//! What the operations share.

use keeptrail_operation::{Access, ApiError, Context};

use crate::{Trails, model};

/// May the caller do `action` on the trail that `name` (a name or an ARN) means?
pub(super) async fn on_trail(cx: &Context<'_, Trails>, action: &'static str, name: &str) -> Result<Access, ApiError> {
    let set = model::set(cx).await?;
    let arn = model::arn(cx, name)?;
    let access = match set.find(&arn) {
        Some(trail) => Access::to(action).on(trail.arn.as_str()),
        None => Access::to(action).on(arn),
    };
    Ok(access.noting("name", name))
}
