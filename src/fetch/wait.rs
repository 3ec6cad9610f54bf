//! Promises and timers as futures. Their callbacks are reused, since each new one costs a closure in
//! both worlds.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = Promise)]
    type Thenable;
    #[wasm_bindgen(method, catch)]
    fn then(this: &Thenable, resolved: &Function, rejected: &Function) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, milliseconds: f64) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// Creates callbacks for the host, and keeps free ones for reuse.
#[derive(Clone, Default)]
pub(super) struct Callbacks(Rc<Inner>);

#[derive(Default)]
struct Inner {
    guard: Option<Function>,
    free: RefCell<Vec<Pair>>,
}

impl Callbacks {
    /// Callbacks that are wrapped by a function of the host.
    pub(super) fn guarded(guard: Function) -> Callbacks {
        Callbacks(Rc::new(Inner { guard: Some(guard), free: RefCell::default() }))
    }

    /// A callback. It lives until the host has forgotten it.
    pub(super) fn make(&self, callback: impl Fn(JsValue) + 'static) -> Function {
        let function: Function = Closure::<dyn Fn(JsValue)>::new(callback).into_js_value().unchecked_into();
        let guarded =
            self.0.guard.as_ref().and_then(|guard| guard.call1(&JsValue::UNDEFINED, &function).ok());
        guarded.map_or(function, JsCast::unchecked_into)
    }

    fn pair(&self) -> Pair {
        self.0.free.borrow_mut().pop().unwrap_or_else(|| {
            let state = Rc::new(RefCell::new(State::default()));
            let settle = |wrap: fn(JsValue) -> Result<JsValue, JsValue>| {
                let state = Rc::clone(&state);
                self.make(move |value| {
                    let waker = {
                        let mut state = state.borrow_mut();
                        state.settled = Some(wrap(value));
                        state.waker.take()
                    };
                    if let Some(waker) = waker {
                        waker.wake();
                    }
                })
            };
            Pair { resolved: settle(Ok), rejected: settle(Err), state }
        })
    }

    fn put_back(&self, pair: Pair) {
        self.0.free.borrow_mut().push(pair);
    }
}

/// Two callbacks of which the host calls one, once.
struct Pair {
    resolved: Function,
    rejected: Function,
    state: Rc<RefCell<State>>,
}

#[derive(Default)]
struct State {
    settled: Option<Result<JsValue, JsValue>>,
    waker: Option<Waker>,
}

impl Pair {
    fn poll(&self, context: &Context<'_>) -> Poll<Result<JsValue, JsValue>> {
        let mut state = self.state.borrow_mut();
        match state.settled.take() {
            Some(settled) => Poll::Ready(settled),
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

/// The result of a promise.
pub(super) struct Settled {
    pair: Option<Pair>,
    callbacks: Callbacks,
}

impl Settled {
    /// # Errors
    /// The error of a promise with an unusual `then`.
    pub(super) fn new(promise: &Promise, callbacks: &Callbacks) -> Result<Settled, JsValue> {
        let pair = callbacks.pair();
        promise.unchecked_ref::<Thenable>().then(&pair.resolved, &pair.rejected)?;
        Ok(Settled { pair: Some(pair), callbacks: callbacks.clone() })
    }
}

impl Future for Settled {
    type Output = Result<JsValue, JsValue>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(pair) = self.pair.take() else { return Poll::Pending };
        let settled = pair.poll(context);
        if settled.is_ready() {
            self.callbacks.put_back(pair);
        } else {
            self.pair = Some(pair);
        }
        settled
    }
}

// One that is dropped earlier leaves its callbacks to the promise: they wake nothing.
impl Drop for Settled {
    fn drop(&mut self) {
        if let Some(pair) = &self.pair {
            pair.state.borrow_mut().waker = None;
        }
    }
}

/// A time that has passed.
pub(super) struct Timeout {
    pair: Option<Pair>,
    timer: JsValue,
    callbacks: Callbacks,
}

impl Timeout {
    pub(super) fn new(milliseconds: u64, callbacks: &Callbacks) -> Timeout {
        let pair = callbacks.pair();
        let timer = set_timeout(&pair.resolved, milliseconds as f64);
        Timeout { pair: Some(pair), timer, callbacks: callbacks.clone() }
    }
}

impl Future for Timeout {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.pair.as_ref().map_or(Poll::Pending, |pair| pair.poll(context).map(drop))
    }
}

impl Drop for Timeout {
    fn drop(&mut self) {
        clear_timeout(&self.timer);
        if let Some(pair) = self.pair.take() {
            *pair.state.borrow_mut() = State::default();
            self.callbacks.put_back(pair);
        }
    }
}
