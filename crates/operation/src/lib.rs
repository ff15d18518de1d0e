//! What an AWS operation is: trait, context, error, conventions of its shapes
