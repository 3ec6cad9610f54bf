//! Runs futures synchronously when they are woken: inside the callback that woke them, and so in the asynchronous
//! context (`AsyncLocalStorage`) that created the promise or timer. The queue of `wasm-bindgen-futures` would
//! run the futures of different callers in the context of the first.

use std::cell::RefCell;
use std::future::Future;
use std::mem::replace;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

type Task = Pin<Box<dyn Future<Output = ()>>>;

/// The slot of a task.
enum Slot {
    Free,
    Waiting(Task),
    /// It is being polled; whether it was woken meanwhile.
    Running {
        woken: bool,
    },
}

/// All tasks, and the numbers of the free slots among them.
struct Tasks {
    slots: Vec<Slot>,
    free: Vec<usize>,
}

thread_local! {
    static TASKS: RefCell<Tasks> = const { RefCell::new(Tasks { slots: Vec::new(), free: Vec::new() }) };
}

/// Wakes the task in one slot. A waker holds a number only, since wakers have to be `Send`.
struct Wakeup(usize);

impl Wake for Wakeup {
    fn wake(self: Arc<Self>) {
        run(self.0, Waker::from(self));
    }
}

/// Runs a future as far as possible, and continues whenever it is woken.
pub fn spawn(future: impl Future<Output = ()> + 'static) {
    let slot = TASKS.with_borrow_mut(|tasks| {
        let slot = tasks.free.pop().unwrap_or_else(|| {
            tasks.slots.push(Slot::Free);
            tasks.slots.len() - 1
        });
        if let Some(place) = tasks.slots.get_mut(slot) {
            *place = Slot::Waiting(Box::pin(future));
        }
        slot
    });
    run(slot, Waker::from(Arc::new(Wakeup(slot))));
}

/// Sets the state of a slot and returns the previous one.
fn exchange(slot: usize, next: Slot) -> Slot {
    TASKS.with_borrow_mut(|tasks| tasks.slots.get_mut(slot).map_or(Slot::Free, |place| replace(place, next)))
}

/// Forgets a task that has ended.
fn release(slot: usize) {
    drop(exchange(slot, Slot::Free));
    TASKS.with_borrow_mut(|tasks| tasks.free.push(slot));
}

fn run(slot: usize, waker: Waker) {
    let mut task = match exchange(slot, Slot::Running { woken: false }) {
        Slot::Waiting(task) => task,
        // A late waker of a task that has ended.
        Slot::Free => return drop(exchange(slot, Slot::Free)),
        // It is further up the stack, and continues when control returns there.
        Slot::Running { .. } => return drop(exchange(slot, Slot::Running { woken: true })),
    };
    let mut context = Context::from_waker(&waker);
    loop {
        if task.as_mut().poll(&mut context) == Poll::Ready(()) {
            return release(slot);
        }
        if !matches!(exchange(slot, Slot::Running { woken: false }), Slot::Running { woken: true }) {
            return drop(exchange(slot, Slot::Waiting(task)));
        }
    }
}
