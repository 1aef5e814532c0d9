//! Lists from their bytes to leads that operators get, told as stories on both stores.

#[path = "engine_loads/between.rs"]
mod between;
#[path = "engine_loads/bought.rs"]
mod bought;
#[path = "engine_loads/cases.rs"]
mod cases;
#[path = "engine_loads/cut_off.rs"]
mod cut_off;
#[path = "engine_loads/desk.rs"]
mod desk;
#[path = "engine_loads/people.rs"]
mod people;
#[path = "engine_loads/questions.rs"]
mod questions;
#[path = "engine_loads/under_way.rs"]
mod under_way;
