# SPDX-License-Identifier: MIT
"""libhw3 for Python: one file, ctypes alone.

    import numpy as np, hw3
    with hw3.Ctx(n_threads=2, seed=1) as ctx:
        gru = ctx.forecaster_fit(y, cell="gru", window=50, hidden=64, progress=print)
        print(gru.predict(y, horizon=5))

Made by examples/python/generate.py from the headers; do not edit. Functions become methods of their first
argument, options become keywords (constants may be given as text: cell="gru"), output arrays and handles are
returned, and a failure is hw3.Error with the library's message. Arrays of float64 are borrowed, never copied,
when they are contiguous. Ctrl-C stops training within one step; the object stays usable.

The library is looked for in $HW3_LIBRARY, beside this file, in build/lib of the source tree, and on the system.
"""
import contextlib
import ctypes as C
import ctypes.util
import os
import signal
import threading

import numpy as np


def _load():
    here = os.path.dirname(os.path.abspath(__file__))
    name = f'libhw3.so.{ABI}'
    for path in (os.environ.get('HW3_LIBRARY'), os.path.join(here, name), os.path.join(here, '..', '..', 'build', 'lib', name)):
        if path and os.path.exists(path):
            return C.CDLL(path)
    try:
        return C.CDLL(name)
    except OSError:
        raise OSError(f'{name} was not found; set HW3_LIBRARY to its path') from None


class Error(Exception):
    """A failure of the library: status is its number, name its constant, result an object that stays usable (or None)."""

    def __init__(self, status, message, result=None):
        super().__init__(message)
        self.status, self.name, self.result = status, STATUS_NAMES.get(status, 'unknown'), result


class _Struct(C.Structure):
    _enums_ = {}

    def __repr__(self):
        shown = (f'{name}={self._text(name)}' for name, *_ in self._fields_ if name not in ('struct_size', 'reserved'))
        return f'{type(self).__name__}({", ".join(shown)})'

    def _text(self, name):
        """A field as it can be given: constants by their text."""
        value = getattr(self, name)
        return repr(next((text for text, n in CONSTANTS.get(self._enums_.get(name), {}).items() if n == value), value))


class _Object:
    """A handle of the library, destroyed with the last reference to it."""
    _destroy = None

    def __init__(self, handle, ctx, owned=True, keep=None, callbacks=()):
        self._handle, self._ctx, self._owned, self._keep, self._callbacks = handle, ctx, owned, keep, callbacks

    def __del__(self):
        if getattr(self, '_owned', False) and self._handle and self._destroy:
            self._destroy(self._handle)
            self._handle = None

    close = __del__

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def _as_parameter_(self):
        if not self._handle:
            raise ValueError(f'{type(self).__name__} is closed')
        return self._handle

    def _message(self, status):
        ctx = self if isinstance(self, Ctx) else self._ctx
        text = _lib.hw3_ctx_error(ctx._handle) if ctx is not None and ctx._handle else b''
        return text.decode('utf-8', 'replace') or _lib.hw3_status_string(status).decode()

    @contextlib.contextmanager
    def _interruptible(self, callbacks=()):
        """Around a call of the library: what a handler of SIGINT raises is kept for the next callback to find.

        Left alone, Python would raise it as a callback is entered, before any `try` in it, and ctypes would drop it."""
        callbacks, before = (*callbacks, *self._callbacks), signal.getsignal(signal.SIGINT)

        def keep(number, frame):
            try:
                raised = before(number, frame)
            except BaseException as error:
                raised = error
            if isinstance(raised, BaseException):
                callbacks[0].raised = raised
            return raised  # to the handler of a call around this one
        if not (callbacks and callable(before) and threading.current_thread() is threading.main_thread()):
            yield
            return
        signal.signal(signal.SIGINT, keep)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _check(self, status, result=None, callbacks=()):
        for callback in (*callbacks, *self._callbacks):
            if callback.raised is not None:
                error, callback.raised = callback.raised, None
                error.result = result
                raise error
        if status < 0:
            raise Error(status, self._message(status), result)
        return status


def _constant(kind, value):
    """A constant by its text ("gru"), or a number as it is."""
    if not isinstance(value, str):
        return value
    known = CONSTANTS[kind]
    if value.lower() not in known:
        raise ValueError(f'{value!r} is none of {", ".join(known)}')
    return known[value.lower()]


def _array(value, name, dtype=np.float64, writable=False, n_dims=1):
    """A contiguous array of the type, of one dimension or up to n_dims: the caller's own memory when it is one already."""
    array = value if writable else np.asarray(value, dtype, order='C')
    if not 1 <= np.ndim(array) <= n_dims:
        raise ValueError(f'{name} has shape {np.shape(array)}, but {"one dimension is" if n_dims == 1 else "two dimensions are"} needed')
    if writable:
        if not (isinstance(value, np.ndarray) and value.dtype == dtype and value.flags.c_contiguous and value.flags.writeable):
            raise TypeError(f'{name} is changed in place and must be a contiguous, writable numpy array of {np.dtype(dtype)}')
        return value
    return array


def _address(array, kind):
    return None if array is None else array.ctypes.data_as(C.POINTER(kind))


def _sized(array, name, *shape):
    """Refuses an array of another shape than the library will read; lengths of 1 may be left out."""
    if array is not None and [n for n in array.shape if n != 1] != [n for n in shape if n != 1]:
        raise ValueError(f'{name} has shape {array.shape}, but {shape} is needed')


def _length(*arrays):
    """The common length of arrays that share one count."""
    lengths = {a.size for a in arrays if a is not None}
    if len(lengths) > 1:
        raise ValueError(f'arrays of different lengths: {sorted(lengths)}')
    return lengths.pop() if lengths else 0


def _bytes(text):
    """A text as bytes; what os.fsdecode made of bytes that are no UTF-8 becomes them again."""
    if isinstance(text, str):
        return text.encode('utf-8', 'surrogateescape')
    if isinstance(text, (bytes, bytearray, memoryview)):
        return bytes(text)
    raise TypeError(f'a text is str or bytes, not {type(text).__name__}')


def _texts(texts):
    """Texts as bytes, one alone too."""
    return [_bytes(t) for t in ([texts] if isinstance(texts, (str, bytes)) else texts)]


class _Callback:
    """A Python function behind a C callback: an exception in it, Ctrl-C too, stops the work and is raised afterwards."""

    def __init__(self, kind, function, adapt):
        self.raised = None

        def call(user, *arguments):
            if self.raised is not None:
                return HW3_ERR_CANCELLED
            try:
                return int(function(*adapt(*arguments)) or 0)
            except BaseException as error:  # KeyboardInterrupt too: it must not cross C
                self.raised = error
                return HW3_ERR_CANCELLED
        self.function = kind(call)


def _progress(kind, function=None):
    """A callback of long work, told by one struct, or of a text by its tokens and log-probability; also without a function: Python
    notices Ctrl-C only while one runs."""
    adapt = (lambda tokens, n, logprob: (tokens[:n], logprob)) if kind is hw3_text_fn else \
        (lambda p: (type(p.contents).from_buffer_copy(p.contents),))
    return _Callback(kind, function or (lambda *_: 0), adapt)


def _struct(kind, value, start):
    """A struct from a dict or the first of its fields in order; the others are those of start."""
    names = [name for name, *_ in kind._fields_]
    if not isinstance(value, dict):
        if len(value) > len(names):
            raise ValueError(f'{value!r} has more than {len(names)} numbers: {", ".join(names)}')
        value = dict(zip(names, value))
    out = kind.from_buffer_copy(start)
    for name, number in value.items():
        if name not in names:
            raise TypeError(f'{name!r} is no field of {kind.__name__}; there are {", ".join(names)}')
        setattr(out, name, number)
    return out


def _field(options, name, value, keep):
    """A value for a field of a struct: arrays and texts for pointers, which keep holds; sequences and dicts for structs."""
    wanted = dict(options._fields_)[name]
    for number, dtype in ((C.c_double, np.float64), (C.c_int64, np.int64)):
        if wanted is C.POINTER(number):
            keep.append(np.asarray(value, dtype, order='C'))
            if name == 'stop':
                options.n_stop = keep[-1].size
            return _address(keep[-1], number)
    if wanted is C.POINTER(C.c_char_p):
        texts = _texts(value)  # one alone too
        keep.append((C.c_char_p * len(texts))(*texts))
        setattr(options, 'n_' + name, len(texts))
        return C.cast(keep[-1], wanted)
    if isinstance(value, str):
        return os.fsencode(value)
    is_struct = issubclass(wanted, _Struct) and not isinstance(value, wanted)
    return _struct(wanted, value, getattr(options, name)) if is_struct else value


def _options(kind, init, keywords, ctx):
    """An options struct from keywords, and what has to live as long as the call."""
    options, keep, callbacks = kind(), [], []
    status = init(C.byref(options), C.sizeof(options))
    if status < 0:
        raise Error(status, _lib.hw3_status_string(status).decode())
    known = {name for name, *_ in kind._fields_ if name not in ('struct_size', 'reserved') and not name.endswith('_user')}
    for name, value in keywords.items():
        if name not in known:
            raise TypeError(f'{name!r} is no option; there are {", ".join(sorted(known))}')
        declared = kind._enums_.get(name)
        if name == 'progress':
            continue
        if name == 'log':
            def line(user, text, function=value):
                function(text.decode('utf-8', 'replace'))
            keep.append(hw3_log_fn(line))
            options.log = keep[-1]
        elif value is not None:
            setattr(options, name, _constant(declared, value) if declared else _field(options, name, value, keep))
    if 'progress' in known:
        callbacks.append(_progress(dict(kind._fields_)['progress'], keywords.get('progress')))
        options.progress = callbacks[-1].function
    return options, (keep, callbacks, keywords)


ABI = 0
HW3_OK = 0
HW3_ERR_ARG = -1
HW3_ERR_SHAPE = -2
HW3_ERR_DTYPE = -3
HW3_ERR_NOMEM = -4
HW3_ERR_ABI = -5
HW3_ERR_STATE = -6
HW3_ERR_CANCELLED = -7
HW3_ERR_NAME = -8
HW3_ERR_VALUE = -9
HW3_ERR_TOO_SMALL = -10
HW3_ERR_UNSUPPORTED = -11
HW3_ERR_FULL = -12
HW3_ERR_IO = -100
HW3_ERR_FORMAT = -101
HW3_ERR_VERSION = -102
HW3_ERR_MISMATCH = -103
HW3_ERR_DIVERGED = -200
HW3_ABI_VERSION = 0
HW3_STATUS_LIST_END_ = 1
HW3_MAX_DIMS = 8
HW3_F32 = 1
HW3_F64 = 2
HW3_I64 = 3
HW3_INIT_ZERO = 1
HW3_INIT_ONE = 2
HW3_INIT_XAVIER = 3
HW3_INIT_KAIMING = 4
HW3_INIT_NORMAL = 5
HW3_INIT_FAN_IN = 6
HW3_NONE = -2147483648
HW3_ALL_DIMS = 127
HW3_OPTIM_SGD = 1
HW3_OPTIM_RMSPROP = 2
HW3_OPTIM_ADAM = 3
HW3_OPTIM_ADAMW = 4
HW3_OPTIM_ADAGRAD = 5
HW3_SCHEDULE_CONSTANT = 1
HW3_SCHEDULE_STEP = 2
HW3_SCHEDULE_COSINE = 3
HW3_SCHEDULE_LINEAR = 4
HW3_CELL_RNN_TANH = 1
HW3_CELL_RNN_RELU = 2
HW3_CELL_LSTM = 3
HW3_CELL_GRU = 4
HW3_FAMILY_GPT2 = 1
HW3_FAMILY_BERT = 2
HW3_FAMILY_ROBERTA = 3
HW3_FAMILY_LLAMA = 4
HW3_FAMILY_DEEPSEEK = 5
HW3_FAMILY_VIT = 6
HW3_FAMILY_RNN = 7
HW3_FAMILY_LSTM = 8
HW3_FAMILY_GRU = 9
HW3_ACTIVATION_RELU = 1
HW3_ACTIVATION_GELU = 2
HW3_ACTIVATION_GELU_TANH = 3
HW3_ACTIVATION_SILU = 4
HW3_HEAD_TOKENS = 1
HW3_HEAD_PRETRAINING = 2
HW3_HEAD_CLASSES = 3
HW3_HEAD_NEXT = 4
HW3_HEAD_NONE = 5
HW3_FILL_MOVING_MEAN = 1
HW3_FILL_FORWARD = 2
HW3_FILL_BACKWARD = 3
HW3_FILL_LINEAR = 4
HW3_SCALE_NONE = 1
HW3_SCALE_MINMAX = 2
HW3_SCALE_STANDARD = 3
HW3_TREND_NONE = 1
HW3_TREND_C = 2
HW3_TREND_CT = 3
HW3_TREND_CTT = 4
HW3_LAGS_AUTO = 0
HW3_LAGS_FIXED = 1
HW3_LAGS_AIC = 2
HW3_LAGS_BIC = 3
HW3_LAGS_TSTAT = 4
HW3_LAGS_SHORT = 5
HW3_LAGS_LONG = 6
HW3_UNIT_KPSS = 1
HW3_UNIT_ADF = 2
HW3_UNIT_PP = 3
HW3_SEASON_STRENGTH = 1
HW3_SEASON_OCSB = 2
HW3_SEASON_CH = 3
HW3_LAMBDA_GUERRERO = 1
HW3_LAMBDA_LOGLIK = 2
HW3_BETTER_EITHER = 1
HW3_BETTER_FIRST = 2
HW3_BETTER_SECOND = 3
HW3_ARIMA_CSS_ML = 1
HW3_ARIMA_ML = 2
HW3_ARIMA_CSS = 3
HW3_IC_AICC = 1
HW3_IC_AIC = 2
HW3_IC_BIC = 3
HW3_ARIMA_BOXCOX_NONE = 0
HW3_ARIMA_BOXCOX_GIVEN = 1
HW3_ARIMA_BOXCOX_GUERRERO = 2
HW3_ARIMA_BOXCOX_LOGLIK = 3
HW3_ARIMA_ELIGIBLE = 1
HW3_ARIMA_FAILED = 2
HW3_ARIMA_NO_CRITERION = 3
HW3_ARIMA_NEAR_UNIT_ROOT = 4
HW3_ARIMA_NO_VARIANCE = 5
HW3_CACHE_MODEL = 0
HW3_CACHE_F16 = 1
HW3_CACHE_BF16 = 2
HW3_CACHE_INT8 = 3
HW3_EARLY_STOP_ESTIMATE = 0
HW3_EARLY_STOP_FULL = 1
HW3_EARLY_STOP_NEVER = 2
HW3_FORM_NFC = 0
HW3_FORM_NFD = 1
HW3_FORM_NFKC = 2
HW3_FORM_NFKD = 3
HW3_DIGITS_KEEP = 0
HW3_DIGITS_PERSIAN = 1
HW3_DIGITS_ASCII = 2
HW3_ZWNJ_KEEP = 0
HW3_ZWNJ_REPAIR = 1
HW3_ZWNJ_REMOVE = 2
HW3_RULE_LETTERS = 1
HW3_RULE_DIGITS = 2
HW3_RULE_DIACRITICS = 3
HW3_RULE_TATWEEL = 4
HW3_RULE_ZWNJ = 5
HW3_RULE_BIDI = 6
HW3_RULE_SPACING = 7
HW3_PATTERN_GPT2 = 0
HW3_PATTERN_LLAMA3 = 1
HW3_PATTERN_QWEN2 = 2
HW3_LOSS_MSE = 1
HW3_LOSS_MAE = 2
HW3_LOSS_HUBER = 3
STATUS_NAMES = {0: 'HW3_OK', -1: 'HW3_ERR_ARG', -2: 'HW3_ERR_SHAPE', -3: 'HW3_ERR_DTYPE', -4: 'HW3_ERR_NOMEM', -5: 'HW3_ERR_ABI', -6: 'HW3_ERR_STATE', -7: 'HW3_ERR_CANCELLED', -8: 'HW3_ERR_NAME', -9: 'HW3_ERR_VALUE', -10: 'HW3_ERR_TOO_SMALL', -11: 'HW3_ERR_UNSUPPORTED', -12: 'HW3_ERR_FULL', -100: 'HW3_ERR_IO', -101: 'HW3_ERR_FORMAT', -102: 'HW3_ERR_VERSION', -103: 'HW3_ERR_MISMATCH', -200: 'HW3_ERR_DIVERGED'}
CONSTANTS = {  # by their texts
    'hw3_init': {'zero': 1, 'one': 2, 'xavier': 3, 'kaiming': 4, 'normal': 5, 'fan_in': 6},
    'hw3_optim_kind': {'sgd': 1, 'rmsprop': 2, 'adam': 3, 'adamw': 4, 'adagrad': 5},
    'hw3_schedule': {'constant': 1, 'step': 2, 'cosine': 3, 'linear': 4},
    'hw3_cell': {'rnn_tanh': 1, 'rnn_relu': 2, 'lstm': 3, 'gru': 4},
    'hw3_family': {'gpt2': 1, 'bert': 2, 'roberta': 3, 'llama': 4, 'deepseek': 5, 'vit': 6, 'rnn': 7, 'lstm': 8, 'gru': 9},
    'hw3_activation': {'relu': 1, 'gelu': 2, 'gelu_tanh': 3, 'silu': 4},
    'hw3_head': {'tokens': 1, 'pretraining': 2, 'classes': 3, 'next': 4, 'none': 5},
    'hw3_fill': {'moving_mean': 1, 'forward': 2, 'backward': 3, 'linear': 4},
    'hw3_scale': {'none': 1, 'minmax': 2, 'standard': 3},
    'hw3_trend': {'none': 1, 'c': 2, 'ct': 3, 'ctt': 4},
    'hw3_lags': {'auto': 0, 'fixed': 1, 'aic': 2, 'bic': 3, 'tstat': 4, 'short': 5, 'long': 6},
    'hw3_unit_test': {'kpss': 1, 'adf': 2, 'pp': 3},
    'hw3_season_test': {'strength': 1, 'ocsb': 2, 'ch': 3},
    'hw3_lambda': {'guerrero': 1, 'loglik': 2},
    'hw3_better': {'either': 1, 'first': 2, 'second': 3},
    'hw3_arima_method': {'css_ml': 1, 'ml': 2, 'css': 3},
    'hw3_ic': {'aicc': 1, 'aic': 2, 'bic': 3},
    'hw3_arima_boxcox': {'none': 0, 'given': 1, 'guerrero': 2, 'loglik': 3},
    'hw3_arima_reason': {'eligible': 1, 'failed': 2, 'no_criterion': 3, 'near_unit_root': 4, 'no_variance': 5},
    'hw3_cache': {'model': 0, 'f16': 1, 'bf16': 2, 'int8': 3},
    'hw3_early_stop': {'estimate': 0, 'full': 1, 'never': 2},
    'hw3_form': {'nfc': 0, 'nfd': 1, 'nfkc': 2, 'nfkd': 3},
    'hw3_digits': {'keep': 0, 'persian': 1, 'ascii': 2},
    'hw3_zwnj': {'keep': 0, 'repair': 1, 'remove': 2},
    'hw3_persian_rule': {'letters': 1, 'digits': 2, 'diacritics': 3, 'tatweel': 4, 'zwnj': 5, 'bidi': 6, 'spacing': 7},
    'hw3_pattern': {'gpt2': 0, 'llama3': 1, 'qwen2': 2},
    'hw3_loss': {'mse': 1, 'mae': 2, 'huber': 3},
}


hw3_log_fn = C.CFUNCTYPE(None, C.c_void_p, C.c_char_p)  # Receives one line of diagnostics, without a newline; the text dies with the call.


hw3_loss_fn = C.CFUNCTYPE(C.c_int32, C.c_void_p, C.c_void_p)  # Builds a loss on a begun graph and returns it; called again for every evaluation, and must give the same value for the same parameters.


hw3_arima_origin_fn = C.CFUNCTYPE(C.c_int32, C.c_void_p, C.c_int64, C.c_int64)  # Is told after each origin of a backtest how many are done; a value other than 0 stops it.


class hw3_arima_order(_Struct):
    """Orders of a model, plain numbers.

    p: autoregressive
    d: differences
    q: moving average
    P: seasonal autoregressive
    D: seasonal differences
    Q: seasonal moving average
    period: steps a season, m; 1 without
    """
    _enums_ = {}
    _fields_ = [
        ('p', C.c_int32),
        ('d', C.c_int32),
        ('q', C.c_int32),
        ('P', C.c_int32),
        ('D', C.c_int32),
        ('Q', C.c_int32),
        ('period', C.c_int64)]


class hw3_arima_trial(_Struct):
    """A model that was tried.

    reason: why it could or could not be chosen
    index: 0, 1, ..., as they were judged
    order: its orders
    mean: 1 with a mean
    drift: 1 with a drift
    approximate: 1: by CSS, ic is an approximation
    n_free: parameters estimated, without sigma2
    ic: its criterion, also where it is not eligible
    seconds: that the fit took
    """
    _enums_ = {'reason': 'hw3_arima_reason'}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('reason', C.c_int32),
        ('index', C.c_int64),
        ('order', hw3_arima_order),
        ('mean', C.c_int32),
        ('drift', C.c_int32),
        ('approximate', C.c_int32),
        ('n_free', C.c_int32),
        ('ic', C.c_double),
        ('seconds', C.c_double)]


hw3_arima_auto_fn = C.CFUNCTYPE(C.c_int32, C.c_void_p, C.POINTER(hw3_arima_trial))  # Told of every candidate in order, on the thread of the caller; nonzero stops the search with HW3_ERR_CANCELLED.


hw3_logits_fn = C.CFUNCTYPE(C.c_int32, C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.POINTER(C.c_int64), C.c_int64)  # A step of the caller's: changes logits, n_vocab of them, in place; -infinity takes a token out. history: n_history tokens. It must not use the sampler that called it (HW3_ERR_STATE). Returns 0; any other number stops the call with HW3_ERR_CANCELLED.


hw3_text_fn = C.CFUNCTYPE(C.c_int32, C.c_void_p, C.POINTER(C.c_int64), C.c_int64, C.c_double)  # Told of a text as it grows: its n tokens, without the prompt, and the sum of their log-probabilities; nonzero stops the work with HW3_ERR_CANCELLED.


hw3_batch_loss_fn = C.CFUNCTYPE(C.c_int32, C.c_void_p, C.c_void_p, C.POINTER(C.c_int32))  # Builds the loss of one batch. batch: [n_tensors], the examples of each tensor, [b, ..] with b at most the batch size.


class hw3_progress(_Struct):
    """What a training callback is told.

    epoch_ended: 1: the epoch's losses are complete; 0: a step within
    epoch: from 0
    n_epochs: planned
    step: steps made in all
    n_steps: planned in all
    train_loss: mean over the examples of this epoch so far
    val_loss: at the epoch's end; NaN without validation
    lr: learning rate of the last step
    """
    _enums_ = {}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('epoch_ended', C.c_int32),
        ('epoch', C.c_int64),
        ('n_epochs', C.c_int64),
        ('step', C.c_int64),
        ('n_steps', C.c_int64),
        ('train_loss', C.c_double),
        ('val_loss', C.c_double),
        ('lr', C.c_double)]


hw3_progress_fn = C.CFUNCTYPE(C.c_int32, C.c_void_p, C.POINTER(hw3_progress))  # Told of every step and epoch; nonzero stops the work with HW3_ERR_CANCELLED and a consistent state.


class hw3_allocator(_Struct):
    """Where a context gets its memory. alloc returns NULL when there is none; size and
 alignment (a power of two) are in bytes, and free is given the size again. Both are
 called on the caller's thread only.


    """
    _enums_ = {}
    _fields_ = [
        ('alloc', C.c_void_p),
        ('free', C.c_void_p),
        ('user', C.c_void_p)]


class hw3_ctx_opts(_Struct):
    """What a context is made with.

    n_threads: 0: one for each processor; results do not depend on it
    seed: start of every random stream
    allocator: NULL: the C library's; copied
    log: NULL: silent
    log_user: handed to log
    """
    _enums_ = {}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('n_threads', C.c_int32),
        ('seed', C.c_uint64),
        ('allocator', C.POINTER(hw3_allocator)),
        ('log', hw3_log_fn),
        ('log_user', C.c_void_p)]


class hw3_gradcheck_opts(_Struct):
    """What hw3_gradcheck does.

    n_samples: elements tried in each parameter; 0 for all
    step: step of the central difference, relative to max(1, |x|)
    tolerance: largest relative error that passes
    seed: chooses the samples
    """
    _enums_ = {}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('n_samples', C.c_int32),
        ('step', C.c_double),
        ('tolerance', C.c_double),
        ('seed', C.c_uint64)]


class hw3_attention_opts(_Struct):
    """What the queries see, and how. Query i of Tq stands at position i + offset of the Tk keys.

    causal: 1: no key past the query's own position
    scale: of the scores; 0 for 1 / sqrt(D)
    dropout: 0 <= p < 1, of the weights, in training [Srivastava14]
    window: only keys nearer than this; 0 for all [Beltagy20]
    prefix: the first keys, which every query sees, whatever causal and window say [Raffel20]
    offset: position of the first query, or HW3_AT_END
    bias: [B or 1, heads or 1, Tq, Tk], added to the scores; -infinity hides a key; or HW3_NONE. Its gradient takes B heads Tq Tk numbers
    slopes: [heads], ALiBi: score - slope |distance| [Press22], no gradient; or HW3_NONE
    lengths: HW3_I64 [B], only the first keys of each sequence, 0 to Tk; or HW3_NONE
    reserved: 0
    """
    _enums_ = {}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('causal', C.c_int32),
        ('scale', C.c_double),
        ('dropout', C.c_double),
        ('window', C.c_int64),
        ('prefix', C.c_int64),
        ('offset', C.c_int64),
        ('bias', C.c_int32),
        ('slopes', C.c_int32),
        ('lengths', C.c_int32),
        ('reserved', C.c_int32)]


class hw3_rope_opts(_Struct):
    """Rotary positions: pair i turns by base^(-2 i / n_dims) a position.

    interleaved: 0: pairs (i, i + n_dims / 2), as Llama in transformers; 1: (2 i, 2 i + 1), as DeepSeek
    base: > 1
    n_dims: the first dimensions, which are rotated; even; 0 for all
    scaling: HW3_ROPE_
    reserved: 0
    factor: of the scaling, at least 1e-30
    original_context: YaRN, Llama 3: the length trained on
    beta_fast: YaRN, Llama 3: pairs that turn more often in it stay
    beta_slow: YaRN, Llama 3: pairs that turn less often in it are slowed down in full
    attention_factor: multiplies what is rotated, up to 1e6; 0 for 0.1 log(factor) + 1 with YaRN and 1 without
    """
    _enums_ = {}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('interleaved', C.c_int32),
        ('base', C.c_double),
        ('n_dims', C.c_int64),
        ('scaling', C.c_int32),
        ('reserved', C.c_int32),
        ('factor', C.c_double),
        ('original_context', C.c_int64),
        ('beta_fast', C.c_double),
        ('beta_slow', C.c_double),
        ('attention_factor', C.c_double)]


class hw3_attention_cost_opts(_Struct):
    """Attention whose cost is asked. As many heads of keys as of queries is MHA [Vaswani17], one is MQA [Shazeer19], between is GQA
 [Ainslie23]; with kv_rank it is MLA, which caches a latent and a rotated key that all heads share [DeepSeekV2].

    cache: 1: keys and values (MLA: latents) of earlier tokens are kept; 0: all n_tokens are computed anew
    causal: 1: only pairs that a causal mask leaves are counted; 0: every query with all n_tokens
    absorbed: MLA: 1: queries go to the latents; 0: latents are expanded to keys and values at every step
    n_tokens: of a sequence, the new ones counted
    n_new: tokens of the step: 1 in decoding, n_tokens in training, prefill or without a cache
    n_sequences: in the step, each of n_tokens
    n_layers: alike
    d_model: length of a token's vector
    n_heads: of queries
    n_kv_heads: of keys and values, divides n_heads; 0 for n_heads
    d_head: of a query or key (MLA: without its rotated part); 0 for d_model / n_heads
    d_value: of a head's value; 0 for d_head
    kv_rank: MLA: length of the latent; 0 for no MLA
    q_rank: MLA: length of the latent that queries are made of; 0 for none
    d_rope: MLA: length of the rotated part
    element_size: bytes of a number: 2 for fp16 and bf16
    """
    _enums_ = {}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('cache', C.c_int32),
        ('causal', C.c_int32),
        ('absorbed', C.c_int32),
        ('n_tokens', C.c_int64),
        ('n_new', C.c_int64),
        ('n_sequences', C.c_int64),
        ('n_layers', C.c_int64),
        ('d_model', C.c_int64),
        ('n_heads', C.c_int64),
        ('n_kv_heads', C.c_int64),
        ('d_head', C.c_int64),
        ('d_value', C.c_int64),
        ('kv_rank', C.c_int64),
        ('q_rank', C.c_int64),
        ('d_rope', C.c_int64),
        ('element_size', C.c_int64)]


class hw3_attention_costs(_Struct):
    """What a step costs, all layers and sequences together.

    reserved: 0
    flops: sum of the six below
    query_flops: projections to queries
    kv_flops: projections to keys and values, or to latents and rotated keys
    latent_flops: MLA: queries into latents and means of latents back, or latents to keys and values
    score_flops: products of queries and keys
    mix_flops: weights times values
    output_flops: output projection
    cached_elements: numbers kept after the step
    cached_bytes: of them
    weight_elements: numbers in the projections, biases left out
    weight_bytes: of them
    step_bytes: read at least: weights once, all of the cache once
    """
    _enums_ = {}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('reserved', C.c_int32),
        ('flops', C.c_int64),
        ('query_flops', C.c_int64),
        ('kv_flops', C.c_int64),
        ('latent_flops', C.c_int64),
        ('score_flops', C.c_int64),
        ('mix_flops', C.c_int64),
        ('output_flops', C.c_int64),
        ('cached_elements', C.c_int64),
        ('cached_bytes', C.c_int64),
        ('weight_elements', C.c_int64),
        ('weight_bytes', C.c_int64),
        ('step_bytes', C.c_int64)]


class hw3_optim_opts(_Struct):
    """What an optimizer is made with.

    kind: update rule
    lr: learning rate
    momentum: SGD, RMSProp: 0 to 1
    beta1: Adam, AdamW: decay of the first moment
    beta2: Adam, AdamW: decay of the second moment; RMSProp calls it alpha
    eps: added to the root in the denominator; below 0: PyTorch's 1e-8, for Adagrad 1e-10
    weight_decay: L2 penalty; decoupled in AdamW
    clip_norm: > 0: scales all gradients so that their common norm is at most this [Pascanu13]
    clip_value: > 0: cuts every gradient element to +-this, before clip_norm measures
    nesterov: SGD: 0 or 1
    schedule: rule of the learning rate
    warmup_steps: the learning rate rises in a line over so many steps: lr (s + 1) / warmup_steps
    period: HW3_SCHEDULE_STEP: steps between two drops
    total_steps: HW3_SCHEDULE_COSINE, _LINEAR: length, warm-up included
    gamma: HW3_SCHEDULE_STEP: factor of each drop
    lr_min: HW3_SCHEDULE_COSINE, _LINEAR: where it ends
    """
    _enums_ = {'kind': 'hw3_optim_kind', 'schedule': 'hw3_schedule'}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('kind', C.c_int32),
        ('lr', C.c_double),
        ('momentum', C.c_double),
        ('beta1', C.c_double),
        ('beta2', C.c_double),
        ('eps', C.c_double),
        ('weight_decay', C.c_double),
        ('clip_norm', C.c_double),
        ('clip_value', C.c_double),
        ('nesterov', C.c_int32),
        ('schedule', C.c_int32),
        ('warmup_steps', C.c_int64),
        ('period', C.c_int64),
        ('total_steps', C.c_int64),
        ('gamma', C.c_double),
        ('lr_min', C.c_double)]


class hw3_rnn_opts(_Struct):
    """What a recurrent layer is made with.

    cell: the cell
    n_inputs: features of each step
    n_hidden: units
    n_layers: 1 to 64, each on the output of the one below
    bidirectional: 1: a second direction, outputs side by side
    dropout: on the output of every layer but the last
    dtype: HW3_F32 or HW3_F64
    learned_state: 1: the initial state is a parameter, h0_l0 (and c0_l0) [n_hidden] and so on
    layer_norm: 1: normalises W_ih x, W_hh h' and the LSTM's c [Ba16]
    reset_before: GRU, 1: n = tanh(W_in x + b_in + W_hn (r h') + b_hn), the order of [Cho14]
    glass_box: 1: every gate of every step becomes a value of the graph, see hw3_rnn_glass
    reserved: 0
    """
    _enums_ = {'cell': 'hw3_cell'}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('cell', C.c_int32),
        ('n_inputs', C.c_int64),
        ('n_hidden', C.c_int64),
        ('n_layers', C.c_int32),
        ('bidirectional', C.c_int32),
        ('dropout', C.c_double),
        ('dtype', C.c_int32),
        ('learned_state', C.c_int32),
        ('layer_norm', C.c_int32),
        ('reset_before', C.c_int32),
        ('glass_box', C.c_int32),
        ('reserved', C.c_int32)]


class hw3_rnn_state(_Struct):
    """A state: on the way in the initial one, on the way out the last one.
 Each is [n_layers n_directions, B, n_hidden]; HW3_NONE on the way in means zeros, or the learned state.

    h: hidden state
    c: LSTM: cell state; HW3_NONE for the other cells
    """
    _enums_ = {}
    _fields_ = [
        ('h', C.c_int32),
        ('c', C.c_int32)]


class hw3_model_config(_Struct):
    """What a model is made of. Where a comment says "as the family", the family's usual value is taken.

    family: one of HW3_FAMILY_
    n_vocab: tokens are 0 to n_vocab - 1; ViT: 0
    n_ctx: most tokens of a sequence; RoBERTa: pad_id + 1 more than that; ViT: 0 for patches and one
    d_model: width between the blocks
    n_layers: blocks, 1 to 4096; RNN, LSTM, GRU: 1 to 64
    n_heads: heads of queries; divides d_model; RNN, LSTM, GRU: 0
    d_ff: width inside a block; 0: 4 d_model
    n_types: BERT: kinds of segments; 0: as the family
    dtype: HW3_F32 or HW3_F64
    activation: 0: as the family
    tied: 1: logits by the token embedding; 0: by a matrix of their own; -1: as the family
    rope_scaling: Llama, DeepSeek: HW3_ROPE_ of attention.h; HW3_ROPE_NTK becomes the base that it comes to
    eps: of the norms, but of DeepSeek's latents, 1e-6; at least 1e-30; 0: as the family
    init_std: standard deviation of first weights; RNN, LSTM, GRU: of embedding and head, for which 0.02 is little
    dropout: behind attention and inner layer, in training
    embed_dropout: behind the embedding; BERT, RoBERTa, ViT: dropout, whatever this says
    attention_dropout: of the weights of attention
    bos_id: token that begins a text; -1: none
    eos_id: token that ends a text; -1: none
    pad_id: token that fills up; -1: none
    n_kv_heads: Llama: heads of keys and values, divides n_heads; 0: n_heads
    d_head: Llama: length of a query, key or value; DeepSeek: of a query or key without its rotated part; 0: d_model / n_heads
    attention_bias: Llama, DeepSeek: 1: the projections of attention have biases; -1: as the family
    mlp_bias: Llama, DeepSeek: 1: the inner layers have biases; -1: as the family
    rope_base: Llama, DeepSeek: base of rotary positions, as the following in hw3_rope_opts; 0: 10000
    rope_factor: of rope_scaling
    rope_context: YaRN, Llama 3: the length trained on; 0: n_ctx
    rope_beta_fast: YaRN, Llama 3
    rope_beta_slow: YaRN, Llama 3
    rope_attention_factor: YaRN; 0: by rope_factor
    kv_rank: DeepSeek: length of the latent that keys and values are made of, and that sessions keep
    q_rank: DeepSeek: length of the latent that queries are made of; 0: none
    d_rope: DeepSeek: length of the rotated part of a query or key, which all heads' keys share; even
    d_value: DeepSeek: length of a value; 0: d_head
    head: one of HW3_HEAD_; 0: as the family
    reserved: 0
    n_classes: of HW3_HEAD_CLASSES; 0: 2
    head_dropout: BERT, RoBERTa: before the classes; -1: dropout
    image_size: ViT: height and width of an image in pixels, a multiple of patch_size
    patch_size: ViT: of a patch
    n_channels: ViT: numbers of a pixel; 0: 3
    d_embed: RNN, LSTM, GRU: width of the embedding; 0: d_model, which is that of the state
    """
    _enums_ = {'family': 'hw3_family', 'activation': 'hw3_activation', 'head': 'hw3_head'}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('family', C.c_int32),
        ('n_vocab', C.c_int64),
        ('n_ctx', C.c_int64),
        ('d_model', C.c_int64),
        ('n_layers', C.c_int64),
        ('n_heads', C.c_int64),
        ('d_ff', C.c_int64),
        ('n_types', C.c_int64),
        ('dtype', C.c_int32),
        ('activation', C.c_int32),
        ('tied', C.c_int32),
        ('rope_scaling', C.c_int32),
        ('eps', C.c_double),
        ('init_std', C.c_double),
        ('dropout', C.c_double),
        ('embed_dropout', C.c_double),
        ('attention_dropout', C.c_double),
        ('bos_id', C.c_int64),
        ('eos_id', C.c_int64),
        ('pad_id', C.c_int64),
        ('n_kv_heads', C.c_int64),
        ('d_head', C.c_int64),
        ('attention_bias', C.c_int32),
        ('mlp_bias', C.c_int32),
        ('rope_base', C.c_double),
        ('rope_factor', C.c_double),
        ('rope_context', C.c_int64),
        ('rope_beta_fast', C.c_double),
        ('rope_beta_slow', C.c_double),
        ('rope_attention_factor', C.c_double),
        ('kv_rank', C.c_int64),
        ('q_rank', C.c_int64),
        ('d_rope', C.c_int64),
        ('d_value', C.c_int64),
        ('head', C.c_int32),
        ('reserved', C.c_int32),
        ('n_classes', C.c_int64),
        ('head_dropout', C.c_double),
        ('image_size', C.c_int64),
        ('patch_size', C.c_int64),
        ('n_channels', C.c_int64),
        ('d_embed', C.c_int64)]


class hw3_model_opts(_Struct):
    """How a model is opened.

    dtype: of the parameters, whatever the file has: HW3_F32 or HW3_F64
    head: one of HW3_HEAD_; 0: the file's
    reserved: 0
    n_classes: of HW3_HEAD_CLASSES; 0: the file's
    """
    _enums_ = {'head': 'hw3_head'}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('dtype', C.c_int32),
        ('head', C.c_int32),
        ('reserved', C.c_int32),
        ('n_classes', C.c_int64)]


class hw3_hidden_opts(_Struct):
    """What a model may be told of its tokens.

    types: HW3_I64 [B, T], segments 0 to n_types - 1; HW3_NONE: all 0
    lengths: HW3_I64 [B], 1 to T: what stands behind is padding, which is not seen; HW3_NONE: T each
    """
    _enums_ = {}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('types', C.c_int32),
        ('lengths', C.c_int32)]


class hw3_split3(_Struct):
    """Sizes of a split in time: first training, then validation, then test.

    n_train: floor(train n)
    n_val: floor((train + val) n) - n_train
    n_test: the rest
    """
    _enums_ = {}
    _fields_ = [
        ('n_train', C.c_int64),
        ('n_val', C.c_int64),
        ('n_test', C.c_int64)]


class hw3_scaler(_Struct):
    """A fitted scaler: z = (y - shift) / width. Plain numbers, to be kept by the caller.

    kind: which
    reserved: 0
    shift: min or mean
    width: max - min or sd; 1 for a constant series
    """
    _enums_ = {'kind': 'hw3_scale'}
    _fields_ = [
        ('kind', C.c_int32),
        ('reserved', C.c_int32),
        ('shift', C.c_double),
        ('width', C.c_double)]


class hw3_metrics(_Struct):
    """How far forecasts are from what came, with e = actual - forecast.

    reserved: 0
    n: pairs compared
    n_near_zero: pairs left out of mape: actual is 0 or |actual| < 1e-3 mean |actual|
    rmse: sqrt(mean e^2)
    mae: mean |e|
    mape: 100 mean |e / actual|, percent; NaN when all pairs are left out
    smape: 200 mean |e| / (|actual| + |forecast|), percent; 0 / 0 counts as 0
    mase: mae / mae in train of the last value as forecast, whatever the season [Hyndman06]; NaN without, or if it is 0
    r2: 1 - sum e^2 / sum (actual - mean)^2; NaN for a constant actual
    me: mean e, the bias: above 0 the forecasts are too low
    mpe: 100 mean e / actual, percent, over the pairs of mape
    """
    _enums_ = {}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('reserved', C.c_int32),
        ('n', C.c_int64),
        ('n_near_zero', C.c_int64),
        ('rmse', C.c_double),
        ('mae', C.c_double),
        ('mape', C.c_double),
        ('smape', C.c_double),
        ('mase', C.c_double),
        ('r2', C.c_double),
        ('me', C.c_double),
        ('mpe', C.c_double)]


class hw3_test_result(_Struct):
    """What a test finds.

    fell_back: 1: hw3_diebold_mariano took horizon 1, as the variance for the one asked was not positive
    statistic: the further from 0, the further from the hypothesis
    p_value: how often chance alone comes as far
    df: degrees of freedom
    """
    _enums_ = {}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('fell_back', C.c_int32),
        ('statistic', C.c_double),
        ('p_value', C.c_double),
        ('df', C.c_double)]


class hw3_unit_root_opts(_Struct):
    """How a unit-root test is made.

    trend: in the regression
    lags: choice of lags
    reserved: 0
    max_lag: -1: for hw3_adf min(ceil(12 (n / 100)^(1/4)), n / 2 - terms of the trend - 1) [Schwert89]
    """
    _enums_ = {'trend': 'hw3_trend', 'lags': 'hw3_lags'}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('trend', C.c_int32),
        ('lags', C.c_int32),
        ('reserved', C.c_int32),
        ('max_lag', C.c_int64)]


class hw3_unit_root(_Struct):
    """What a unit-root test finds.

    reserved: 0
    n_lags: lags taken
    n_obs: values that the last regression stands on
    statistic: hw3_adf, hw3_pp: below the critical value there is no unit root; hw3_kpss: above it there is one
    p_value: hw3_adf: of [MacKinnon94]; else on the line between critical values, the outermost beyond
    critical_1: at 1 %
    critical_2_5: at 2.5 %; NaN but for hw3_kpss
    critical_5: at 5 %
    critical_10: at 10 %
    ic: the least AIC or BIC, on the sample of max_lag; NaN where none chose
    z_alpha: hw3_pp: the other statistic; else NaN
    """
    _enums_ = {}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('reserved', C.c_int32),
        ('n_lags', C.c_int64),
        ('n_obs', C.c_int64),
        ('statistic', C.c_double),
        ('p_value', C.c_double),
        ('critical_1', C.c_double),
        ('critical_2_5', C.c_double),
        ('critical_5', C.c_double),
        ('critical_10', C.c_double),
        ('ic', C.c_double),
        ('z_alpha', C.c_double)]


class hw3_diffs_opts(_Struct):
    """How differences are counted; as in forecast 8.20 of R.

    test: of hw3_ndiffs
    trend: of hw3_ndiffs: HW3_TREND_C or HW3_TREND_CT
    season_test: of hw3_nsdiffs
    max_d: of hw3_ndiffs, at least 0
    max_season_d: of hw3_nsdiffs, at least 0
    alpha: level of the tests, 0.01 to 0.1
    """
    _enums_ = {'test': 'hw3_unit_test', 'trend': 'hw3_trend', 'season_test': 'hw3_season_test'}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('test', C.c_int32),
        ('trend', C.c_int32),
        ('season_test', C.c_int32),
        ('max_d', C.c_int32),
        ('max_season_d', C.c_int32),
        ('alpha', C.c_double)]


class hw3_stl_opts(_Struct):
    """How hw3_stl decomposes; names and defaults are those of R's stl.

    robust: 1: outliers count less
    s_window: years that smooth a season, at least 3; 0: periodic, the same cycle throughout
    t_window: values that smooth the trend, at least 3; 0: the odd number from 1.5 m / (1 - 1.5 / s_window) on
    l_window: values of the low-pass filter, at least 3; 0: the odd number from m on
    s_jump: the smooth is computed at every s_jump-th value; 0: a tenth of s_window, rounded up
    t_jump: likewise
    l_jump: likewise
    s_degree: 0: local constants, 1: local lines
    t_degree: likewise
    l_degree: likewise; -1: t_degree
    inner: rounds, at least 1; -1: 2, robust 1
    outer: rounds of robust weights; -1: 0, robust 15
    reserved: 0
    """
    _enums_ = {}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('robust', C.c_int32),
        ('s_window', C.c_int64),
        ('t_window', C.c_int64),
        ('l_window', C.c_int64),
        ('s_jump', C.c_int64),
        ('t_jump', C.c_int64),
        ('l_jump', C.c_int64),
        ('s_degree', C.c_int32),
        ('t_degree', C.c_int32),
        ('l_degree', C.c_int32),
        ('inner', C.c_int32),
        ('outer', C.c_int32),
        ('reserved', C.c_int32)]


class hw3_lambda_opts(_Struct):
    """How lam is chosen; as BoxCox.lambda of R's forecast.

    method: which
    lower: least lam; 0 at least where a value is not positive
    upper: most, above lower
    """
    _enums_ = {'method': 'hw3_lambda'}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('method', C.c_int32),
        ('lower', C.c_double),
        ('upper', C.c_double)]


class hw3_dm_opts(_Struct):
    """How two forecasts are compared.

    better: the alternative
    horizon: steps ahead that were forecast, h
    power: loss |e|^power, above 0
    bartlett: 1: falling weights in the variance, which is never negative then
    reserved: 0
    """
    _enums_ = {'better': 'hw3_better'}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('better', C.c_int32),
        ('horizon', C.c_int64),
        ('power', C.c_double),
        ('bartlett', C.c_int32),
        ('reserved', C.c_int32)]


class hw3_arima_opts(_Struct):
    """What a model is fitted with.

    method: how
    order: of the model; d + D at most 3, p + m P and q + m Q at most 5000
    mean: 1: a mean, where d + D is 0; else left out
    drift: 1: a regressor 1, 2, ..., n, where d + D is at most 1; else left out, which is logged
    xreg: [n, n_xreg], rows in time, none missing; NULL without
    n_xreg: regressors
    xreg_names: [n_xreg]; NULL: "xreg1", ...
    fixed: [coefficients], NaN where free: held at these values; NULL: all free
    init: [coefficients], NaN where none: where the search begins; NULL: from zeros
    lam: lambda of the Box-Cox transformation, where boxcox is 1; else 1
    boxcox: 1: y is transformed before all else
    bias_adjust: 1: forecasts are means, not medians, after Box-Cox
    unbiased: 1: sigma2 as forecast::Arima: all residuals^2 by n_used - n_free; 0: as arima, by n_used
    max_iterations: of each search
    """
    _enums_ = {'method': 'hw3_arima_method'}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('method', C.c_int32),
        ('order', hw3_arima_order),
        ('mean', C.c_int32),
        ('drift', C.c_int32),
        ('xreg', C.POINTER(C.c_double)),
        ('n_xreg', C.c_int64),
        ('xreg_names', C.POINTER(C.c_char_p)),
        ('fixed', C.POINTER(C.c_double)),
        ('init', C.POINTER(C.c_double)),
        ('lam', C.c_double),
        ('boxcox', C.c_int32),
        ('bias_adjust', C.c_int32),
        ('unbiased', C.c_int32),
        ('max_iterations', C.c_int32)]


class hw3_arima_info(_Struct):
    """What a fit has come to.

    method: how it was fitted
    order: of the model
    mean: 1 with a mean
    drift: 1 with a drift
    n: values
    n_missing: of them missing
    n_used: values present less d + m D
    n_coef: coefficients
    n_free: of them estimated
    n_xreg: regressors, without mean and drift
    loglik: log-likelihood; infinite where nothing is left to explain
    sigma2: variance of e
    aic: -2 loglik + 2 k, k = n_free + 1; NaN for CSS, and where n_used is 0
    aicc: aic + 2 k (k + 1) / (n_used - k - 1); NaN as aic, infinite without room
    bic: aic + k (log n_used - 2); NaN as aic
    lam: lambda of Box-Cox, where boxcox is 1
    converged: 0: the search ended early, the fit is what it had come to
    n_iterations: of the search
    cov_ok: 0: the Hessian is not positive definite, and standard errors are NaN
    boxcox: 1 with a transformation
    """
    _enums_ = {'method': 'hw3_arima_method'}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('method', C.c_int32),
        ('order', hw3_arima_order),
        ('mean', C.c_int32),
        ('drift', C.c_int32),
        ('n', C.c_int64),
        ('n_missing', C.c_int64),
        ('n_used', C.c_int64),
        ('n_coef', C.c_int64),
        ('n_free', C.c_int64),
        ('n_xreg', C.c_int64),
        ('loglik', C.c_double),
        ('sigma2', C.c_double),
        ('aic', C.c_double),
        ('aicc', C.c_double),
        ('bic', C.c_double),
        ('lam', C.c_double),
        ('converged', C.c_int32),
        ('n_iterations', C.c_int32),
        ('cov_ok', C.c_int32),
        ('boxcox', C.c_int32)]


class hw3_arima_auto_opts(_Struct):
    """How orders are searched.

    ic: what is to be least
    period: steps a season; 1 without
    d: differences; -1: by test
    D: seasonal differences; -1: by season_test
    max_p: most; also at most a third of the values, and below the period where max_P is not 0
    max_q: as max_p, with max_Q
    max_P: most; also at most a third of the seasons
    max_Q: as max_P
    max_order: of the full search: most of p + q + P + Q
    max_d: most that test gives
    max_D: most that season_test gives
    start_p: where the stepwise search begins
    start_q: the same
    start_P: the same
    start_Q: the same
    stationary: 1: d and D are 0
    seasonal: 0: no seasonal orders
    allow_mean: 1: a mean may be there, where d + D is 0
    allow_drift: 1: a drift may be there, where d + D is 1
    stepwise: 1: stepwise; 0: full
    n_models: most that the stepwise search tries, at least 5
    approximation: 1: candidates by CSS; 0: by method; -1: 1 for more than 150 values or a period above 12
    truncate: > 0: with approximation, the last so many values alone are fitted
    method: of all fits; 0: CSS with approximation, else CSS_ML
    test: for d
    trend: of test: HW3_TREND_C or HW3_TREND_CT
    season_test: for D
    alpha: level of the tests, 0.01 to 0.1
    xreg: [n, n_xreg], rows in time, none missing; NULL without
    n_xreg: regressors
    xreg_names: [n_xreg]; NULL: "xreg1", ...
    lam: with HW3_ARIMA_BOXCOX_GIVEN; 1 without a transformation
    boxcox: whether y is transformed
    bias_adjust: as in hw3_arima_opts
    unbiased: as in hw3_arima_opts
    max_iterations: as in hw3_arima_opts
    progress: NULL for none
    progress_user: handed to progress
    """
    _enums_ = {'ic': 'hw3_ic', 'method': 'hw3_arima_method', 'test': 'hw3_unit_test', 'trend': 'hw3_trend', 'season_test': 'hw3_season_test', 'boxcox': 'hw3_arima_boxcox'}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('ic', C.c_int32),
        ('period', C.c_int64),
        ('d', C.c_int32),
        ('D', C.c_int32),
        ('max_p', C.c_int32),
        ('max_q', C.c_int32),
        ('max_P', C.c_int32),
        ('max_Q', C.c_int32),
        ('max_order', C.c_int32),
        ('max_d', C.c_int32),
        ('max_D', C.c_int32),
        ('start_p', C.c_int32),
        ('start_q', C.c_int32),
        ('start_P', C.c_int32),
        ('start_Q', C.c_int32),
        ('stationary', C.c_int32),
        ('seasonal', C.c_int32),
        ('allow_mean', C.c_int32),
        ('allow_drift', C.c_int32),
        ('stepwise', C.c_int32),
        ('n_models', C.c_int32),
        ('approximation', C.c_int32),
        ('truncate', C.c_int64),
        ('method', C.c_int32),
        ('test', C.c_int32),
        ('trend', C.c_int32),
        ('season_test', C.c_int32),
        ('alpha', C.c_double),
        ('xreg', C.POINTER(C.c_double)),
        ('n_xreg', C.c_int64),
        ('xreg_names', C.POINTER(C.c_char_p)),
        ('lam', C.c_double),
        ('boxcox', C.c_int32),
        ('bias_adjust', C.c_int32),
        ('unbiased', C.c_int32),
        ('max_iterations', C.c_int32),
        ('progress', hw3_arima_auto_fn),
        ('progress_user', C.c_void_p)]


class hw3_session_opts(_Struct):
    """What a session has room for.

    cache: one of HW3_CACHE_; states are as the model, whatever this says
    n_sequences: sequences 0 to n_sequences - 1, each empty at first; 1 to 65536
    n_ctx: most tokens of a sequence; 0: as the model
    n_tokens: the cache is taken at once for this many, and grows when all sequences need more; -1: n_ctx
    """
    _enums_ = {'cache': 'hw3_cache'}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('cache', C.c_int32),
        ('n_sequences', C.c_int64),
        ('n_ctx', C.c_int64),
        ('n_tokens', C.c_int64)]


class hw3_generate_opts(_Struct):
    """How text is generated, and what is told of each of its n tokens: one a sequence, or all of one sequence.

    slide: 1: a sequence of n_ctx tokens drops the older half and is fed the rest again; 0: HW3_ERR_FULL
    streams: the sampler's stream of each sequence, 0 or more; NULL: the number of the sequence
    n_top: how many alternatives are told of each token, 0 to n_vocab
    logprobs: [n], receives the model's log-probability of each token, before the sampler; NULL for none
    top: [n, n_top], receives the likeliest tokens, in falling order
    top_logprobs: [n, n_top], receives their log-probabilities
    stop: not of hw3_generate_next: [n_stop], tokens that end the text; they count as its last
    n_stop: how many; -1: the model's eos_id, where it has one
    progress: of hw3_generate: told after each token; NULL for none
    progress_user: handed to progress
    """
    _enums_ = {}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('slide', C.c_int32),
        ('streams', C.POINTER(C.c_int64)),
        ('n_top', C.c_int64),
        ('logprobs', C.POINTER(C.c_double)),
        ('top', C.POINTER(C.c_int64)),
        ('top_logprobs', C.POINTER(C.c_double)),
        ('stop', C.POINTER(C.c_int64)),
        ('n_stop', C.c_int64),
        ('progress', hw3_text_fn),
        ('progress_user', C.c_void_p)]


class hw3_beam_opts(_Struct):
    """How texts are searched. The values of early_stop are the False, True and "never" of transformers' early_stopping.

    early_stop: one of HW3_EARLY_STOP_
    n_best: texts to hand back, 1 to n_beams
    max_tokens: most tokens of a text, at least 1
    length_penalty: -10 to 10; above 0 favours long texts
    stop: [n_stop], tokens that end a text; they count as its last
    n_stop: how many; -1: the model's eos_id, where it has one
    progress: told after each step of the likeliest text that runs; NULL for none
    progress_user: handed to progress
    """
    _enums_ = {'early_stop': 'hw3_early_stop'}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('early_stop', C.c_int32),
        ('n_best', C.c_int64),
        ('max_tokens', C.c_int64),
        ('length_penalty', C.c_double),
        ('stop', C.POINTER(C.c_int64)),
        ('n_stop', C.c_int64),
        ('progress', hw3_text_fn),
        ('progress_user', C.c_void_p)]


class hw3_persian_opts(_Struct):
    """The rules of the Persian normaliser; each does nothing to what it has made, nor do all together. They know the places of
 letters, not what words mean: HW3_ZWNJ_REPAIR takes تر for a suffix also where it means wet.

    letters: 1: letters that look like Persian ones become those, as Arabic ي and ك, also joined forms from U+FB50 on; 0: as they are
    digits: one of HW3_DIGITS_
    diacritics: 1: no vowel marks or signs of recitation; hamza and madda are parts of letters and stay
    tatweel: 1: no U+0640, which only makes a word longer
    zwnj: one of HW3_ZWNJ_
    bidi: 1: no marks of direction
    spacing: 1: one plain space for a run of them; none at the ends of a line, in front of a mark of punctuation or inside brackets; one behind a mark that a word follows
    """
    _enums_ = {'digits': 'hw3_digits', 'zwnj': 'hw3_zwnj'}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('letters', C.c_int32),
        ('digits', C.c_int32),
        ('diacritics', C.c_int32),
        ('tatweel', C.c_int32),
        ('zwnj', C.c_int32),
        ('bidi', C.c_int32),
        ('spacing', C.c_int32)]


class hw3_text_edit(_Struct):
    """One character that was exchanged, left out or put in.

    at: the byte of the new text where it happened
    was: the character in the old text, a number of Unicode; -1: there was none
    now: the character in the new text; -1: there is none
    rule: one of HW3_RULE_
    reserved: 0
    """
    _enums_ = {'rule': 'hw3_persian_rule'}
    _fields_ = [
        ('at', C.c_int64),
        ('was', C.c_int32),
        ('now', C.c_int32),
        ('rule', C.c_int32),
        ('reserved', C.c_int32)]


class hw3_tokenizer_train_opts(_Struct):
    """How a tokenizer is trained.

    pattern: one of HW3_PATTERN_
    n_vocab: tokens wanted, special ones and the 256 bytes included; fewer when no more pairs are frequent
    min_frequency: a pair that comes less often is not joined
    specials: [n_specials], the first tokens; nothing is learned from where they stand in a text
    n_specials: how many
    """
    _enums_ = {'pattern': 'hw3_pattern'}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('pattern', C.c_int32),
        ('n_vocab', C.c_int64),
        ('min_frequency', C.c_int64),
        ('specials', C.POINTER(C.c_char_p)),
        ('n_specials', C.c_int64)]


class hw3_encode_opts(_Struct):
    """What an encoding takes and tells.

    add_special: 1: with the tokens that the model wants around a text, as [CLS] and [SEP]
    find_special: 1: a special token's text inside the text becomes that token; 0: it is text as any other
    reserved: 0
    pair: a second text behind the first, NULL for none
    n_pair: its bytes, or -1
    offsets: [cap, 2], receives the bytes of its text that each token stands for, from the first to behind the last; 0, 0 for one that was put around; NULL for none
    types: [cap], receives the type of each token, as a rule 0 in the first text, 1 in the second; NULL for none
    """
    _enums_ = {}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('add_special', C.c_int32),
        ('find_special', C.c_int32),
        ('reserved', C.c_int32),
        ('pair', C.c_char_p),
        ('n_pair', C.c_int64),
        ('offsets', C.POINTER(C.c_int64)),
        ('types', C.POINTER(C.c_int64))]


class hw3_decode_opts(_Struct):
    """What a decoding leaves out, and where it ends.

    skip_special: 1: without special tokens
    stops: [n_stops], texts that end the text, in front of the one that is whole first; also across tokens
    n_stops: how many
    """
    _enums_ = {}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('skip_special', C.c_int32),
        ('stops', C.POINTER(C.c_char_p)),
        ('n_stops', C.c_int64)]


class hw3_trainer_opts(_Struct):
    """What a trainer is made with.

    n_epochs: epochs in all, also after a checkpoint is loaded
    batch: examples a step
    val_share: the last share of the examples, rounded to a number of them, is held out; 0 <= share < 1
    patience: > 0: stops after so many epochs without a better validation loss; see hw3_trainer_fit
    shuffle: 1: seeded order; 0: as given
    seed: of order and dropout
    checkpoint: file written at the end of epochs and when cancelled; NULL for none
    checkpoint_steps: > 0: also after so many steps
    progress: NULL for none
    progress_user: handed to progress
    """
    _enums_ = {}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('n_epochs', C.c_int32),
        ('batch', C.c_int64),
        ('val_share', C.c_double),
        ('patience', C.c_int32),
        ('shuffle', C.c_int32),
        ('seed', C.c_uint64),
        ('checkpoint', C.c_char_p),
        ('checkpoint_steps', C.c_int64),
        ('progress', hw3_progress_fn),
        ('progress_user', C.c_void_p)]


class hw3_forecaster_opts(_Struct):
    """What a forecaster is made with.

    cell: recurrent cell
    window: steps that a forecast looks back
    hidden: units
    n_layers: recurrent layers
    n_epochs: passes over the windows
    batch: windows a step
    lr: Adam's learning rate
    dropout: between layers
    val_share: the last share of the windows is held out for the validation loss
    clip_norm: > 0: largest norm of the gradients
    loss: what is minimised
    scale: fitted on all of y but the targets held out
    patience: > 0: early stopping, see hw3_trainer_opts
    shuffle: 1: seeded order
    seed: of weights, order and dropout
    checkpoint: see hw3_trainer_opts; continued when the file exists and fits
    progress: NULL for none
    progress_user: handed to progress
    """
    _enums_ = {'cell': 'hw3_cell', 'loss': 'hw3_loss', 'scale': 'hw3_scale'}
    _fields_ = [
        ('struct_size', C.c_uint32),
        ('cell', C.c_int32),
        ('window', C.c_int64),
        ('hidden', C.c_int64),
        ('n_layers', C.c_int32),
        ('n_epochs', C.c_int32),
        ('batch', C.c_int64),
        ('lr', C.c_double),
        ('dropout', C.c_double),
        ('val_share', C.c_double),
        ('clip_norm', C.c_double),
        ('loss', C.c_int32),
        ('scale', C.c_int32),
        ('patience', C.c_int32),
        ('shuffle', C.c_int32),
        ('seed', C.c_uint64),
        ('checkpoint', C.c_char_p),
        ('progress', hw3_progress_fn),
        ('progress_user', C.c_void_p)]


_lib = _load()
_lib.hw3_abi_version.restype, _lib.hw3_abi_version.argtypes = C.c_int32, []
_lib.hw3_version.restype, _lib.hw3_version.argtypes = C.c_char_p, []
_lib.hw3_status_string.restype, _lib.hw3_status_string.argtypes = C.c_char_p, [C.c_int32]
_lib.hw3_ctx_opts_init.restype, _lib.hw3_ctx_opts_init.argtypes = C.c_int32, [C.POINTER(hw3_ctx_opts), C.c_uint32]
_lib.hw3_ctx_create.restype, _lib.hw3_ctx_create.argtypes = C.c_int32, [C.POINTER(hw3_ctx_opts), C.POINTER(C.c_void_p)]
_lib.hw3_ctx_destroy.restype, _lib.hw3_ctx_destroy.argtypes = None, [C.c_void_p]
_lib.hw3_ctx_error.restype, _lib.hw3_ctx_error.argtypes = C.c_char_p, [C.c_void_p]
_lib.hw3_ctx_n_threads.restype, _lib.hw3_ctx_n_threads.argtypes = C.c_int32, [C.c_void_p]
_lib.hw3_tensor_create.restype, _lib.hw3_tensor_create.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32, C.POINTER(C.c_int64), C.POINTER(C.c_void_p)]
_lib.hw3_tensor_wrap.restype, _lib.hw3_tensor_wrap.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32, C.POINTER(C.c_int64), C.POINTER(C.c_int64), C.c_void_p, C.POINTER(C.c_void_p)]
_lib.hw3_tensor_destroy.restype, _lib.hw3_tensor_destroy.argtypes = None, [C.c_void_p]
_lib.hw3_tensor_dtype.restype, _lib.hw3_tensor_dtype.argtypes = C.c_int32, [C.c_void_p]
_lib.hw3_tensor_n_dims.restype, _lib.hw3_tensor_n_dims.argtypes = C.c_int32, [C.c_void_p]
_lib.hw3_tensor_size.restype, _lib.hw3_tensor_size.argtypes = C.c_int64, [C.c_void_p, C.c_int32]
_lib.hw3_tensor_stride.restype, _lib.hw3_tensor_stride.argtypes = C.c_int64, [C.c_void_p, C.c_int32]
_lib.hw3_tensor_n_elements.restype, _lib.hw3_tensor_n_elements.argtypes = C.c_int64, [C.c_void_p]
_lib.hw3_tensor_data.restype, _lib.hw3_tensor_data.argtypes = C.c_void_p, [C.c_void_p]
_lib.hw3_tensor_read.restype, _lib.hw3_tensor_read.argtypes = C.c_int32, [C.c_void_p, C.c_void_p, C.c_int64]
_lib.hw3_tensor_write.restype, _lib.hw3_tensor_write.argtypes = C.c_int32, [C.c_void_p, C.c_void_p, C.c_int64]
_lib.hw3_tensor_slice.restype, _lib.hw3_tensor_slice.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int64, C.c_int64, C.c_int64, C.POINTER(C.c_void_p)]
_lib.hw3_tensor_reshape.restype, _lib.hw3_tensor_reshape.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.POINTER(C.c_int64), C.POINTER(C.c_void_p)]
_lib.hw3_tensor_transpose.restype, _lib.hw3_tensor_transpose.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32, C.POINTER(C.c_void_p)]
_lib.hw3_params_create.restype, _lib.hw3_params_create.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_void_p)]
_lib.hw3_params_destroy.restype, _lib.hw3_params_destroy.argtypes = None, [C.c_void_p]
_lib.hw3_params_add.restype, _lib.hw3_params_add.argtypes = C.c_int32, [C.c_void_p, C.c_char_p, C.c_int32, C.c_int32, C.POINTER(C.c_int64), C.c_int32]
_lib.hw3_params_n.restype, _lib.hw3_params_n.argtypes = C.c_int64, [C.c_void_p]
_lib.hw3_params_n_elements.restype, _lib.hw3_params_n_elements.argtypes = C.c_int64, [C.c_void_p]
_lib.hw3_params_name.restype, _lib.hw3_params_name.argtypes = C.c_char_p, [C.c_void_p, C.c_int64]
_lib.hw3_params_value.restype, _lib.hw3_params_value.argtypes = C.c_int32, [C.c_void_p, C.c_char_p, C.POINTER(C.c_void_p)]
_lib.hw3_params_grad.restype, _lib.hw3_params_grad.argtypes = C.c_int32, [C.c_void_p, C.c_char_p, C.POINTER(C.c_void_p)]
_lib.hw3_params_set_trainable.restype, _lib.hw3_params_set_trainable.argtypes = C.c_int32, [C.c_void_p, C.c_char_p, C.c_int32]
_lib.hw3_params_save.restype, _lib.hw3_params_save.argtypes = C.c_int32, [C.c_void_p, C.c_char_p]
_lib.hw3_params_load.restype, _lib.hw3_params_load.argtypes = C.c_int32, [C.c_void_p, C.c_char_p]
_lib.hw3_graph_create.restype, _lib.hw3_graph_create.argtypes = C.c_int32, [C.c_void_p, C.c_void_p, C.POINTER(C.c_void_p)]
_lib.hw3_graph_destroy.restype, _lib.hw3_graph_destroy.argtypes = None, [C.c_void_p]
_lib.hw3_graph_begin.restype, _lib.hw3_graph_begin.argtypes = C.c_int32, [C.c_void_p]
_lib.hw3_graph_set_training.restype, _lib.hw3_graph_set_training.argtypes = C.c_int32, [C.c_void_p, C.c_int32]
_lib.hw3_graph_set_random.restype, _lib.hw3_graph_set_random.argtypes = C.c_int32, [C.c_void_p, C.c_uint64, C.c_uint64]
_lib.hw3_graph_backward.restype, _lib.hw3_graph_backward.argtypes = C.c_int32, [C.c_void_p, C.c_int32]
_lib.hw3_graph_backward_from.restype, _lib.hw3_graph_backward_from.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_void_p]
_lib.hw3_graph_accumulate.restype, _lib.hw3_graph_accumulate.argtypes = C.c_int32, [C.c_void_p, C.c_int32]
_lib.hw3_var_shape.restype, _lib.hw3_var_shape.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.POINTER(C.c_int64), C.POINTER(C.c_int32)]
_lib.hw3_var_read.restype, _lib.hw3_var_read.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_void_p, C.c_int64]
_lib.hw3_var_read_grad.restype, _lib.hw3_var_read_grad.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_void_p, C.c_int64]
_lib.hw3_var_item.restype, _lib.hw3_var_item.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.POINTER(C.c_double)]
_lib.hw3_input.restype, _lib.hw3_input.argtypes = C.c_int32, [C.c_void_p, C.c_void_p]
_lib.hw3_input_grad.restype, _lib.hw3_input_grad.argtypes = C.c_int32, [C.c_void_p, C.c_void_p]
_lib.hw3_scalar.restype, _lib.hw3_scalar.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_double]
_lib.hw3_param.restype, _lib.hw3_param.argtypes = C.c_int32, [C.c_void_p, C.c_char_p]
_lib.hw3_gradcheck_opts_init.restype, _lib.hw3_gradcheck_opts_init.argtypes = C.c_int32, [C.POINTER(hw3_gradcheck_opts), C.c_uint32]
_lib.hw3_gradcheck.restype, _lib.hw3_gradcheck.argtypes = C.c_int32, [C.c_void_p, hw3_loss_fn, C.c_void_p, C.POINTER(hw3_gradcheck_opts), C.POINTER(C.c_double), C.POINTER(C.c_char_p)]
_lib.hw3_add.restype, _lib.hw3_add.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32]
_lib.hw3_sub.restype, _lib.hw3_sub.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32]
_lib.hw3_mul.restype, _lib.hw3_mul.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32]
_lib.hw3_div.restype, _lib.hw3_div.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32]
_lib.hw3_affine.restype, _lib.hw3_affine.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_double, C.c_double]
_lib.hw3_matmul.restype, _lib.hw3_matmul.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32]
_lib.hw3_linear.restype, _lib.hw3_linear.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32, C.c_int32]
_lib.hw3_sum.restype, _lib.hw3_sum.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32, C.c_int32]
_lib.hw3_mean.restype, _lib.hw3_mean.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32, C.c_int32]
_lib.hw3_max.restype, _lib.hw3_max.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32, C.c_int32]
_lib.hw3_softmax.restype, _lib.hw3_softmax.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32]
_lib.hw3_log_softmax.restype, _lib.hw3_log_softmax.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32]
_lib.hw3_tanh.restype, _lib.hw3_tanh.argtypes = C.c_int32, [C.c_void_p, C.c_int32]
_lib.hw3_sigmoid.restype, _lib.hw3_sigmoid.argtypes = C.c_int32, [C.c_void_p, C.c_int32]
_lib.hw3_relu.restype, _lib.hw3_relu.argtypes = C.c_int32, [C.c_void_p, C.c_int32]
_lib.hw3_gelu.restype, _lib.hw3_gelu.argtypes = C.c_int32, [C.c_void_p, C.c_int32]
_lib.hw3_gelu_tanh.restype, _lib.hw3_gelu_tanh.argtypes = C.c_int32, [C.c_void_p, C.c_int32]
_lib.hw3_silu.restype, _lib.hw3_silu.argtypes = C.c_int32, [C.c_void_p, C.c_int32]
_lib.hw3_exp.restype, _lib.hw3_exp.argtypes = C.c_int32, [C.c_void_p, C.c_int32]
_lib.hw3_log.restype, _lib.hw3_log.argtypes = C.c_int32, [C.c_void_p, C.c_int32]
_lib.hw3_sqrt.restype, _lib.hw3_sqrt.argtypes = C.c_int32, [C.c_void_p, C.c_int32]
_lib.hw3_reshape.restype, _lib.hw3_reshape.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32, C.POINTER(C.c_int64)]
_lib.hw3_transpose.restype, _lib.hw3_transpose.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32, C.c_int32]
_lib.hw3_slice.restype, _lib.hw3_slice.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32, C.c_int64, C.c_int64]
_lib.hw3_concat.restype, _lib.hw3_concat.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_int32), C.c_int64, C.c_int32]
_lib.hw3_split.restype, _lib.hw3_split.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int64, C.c_int32, C.POINTER(C.c_int32)]
_lib.hw3_gather.restype, _lib.hw3_gather.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32, C.c_int32]
_lib.hw3_embedding.restype, _lib.hw3_embedding.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32]
_lib.hw3_dropout.restype, _lib.hw3_dropout.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_double]
_lib.hw3_layer_norm.restype, _lib.hw3_layer_norm.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32, C.c_int32, C.c_double]
_lib.hw3_rms_norm.restype, _lib.hw3_rms_norm.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32, C.c_double]
_lib.hw3_mse.restype, _lib.hw3_mse.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32]
_lib.hw3_mae.restype, _lib.hw3_mae.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32]
_lib.hw3_huber.restype, _lib.hw3_huber.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32, C.c_double]
_lib.hw3_bce_logits.restype, _lib.hw3_bce_logits.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32]
_lib.hw3_cross_entropy.restype, _lib.hw3_cross_entropy.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32, C.c_int64, C.c_double]
_lib.hw3_linear_cross_entropy.restype, _lib.hw3_linear_cross_entropy.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32, C.c_int32, C.c_int32, C.c_int64, C.c_double]
_lib.hw3_attention_opts_init.restype, _lib.hw3_attention_opts_init.argtypes = C.c_int32, [C.POINTER(hw3_attention_opts), C.c_uint32]
_lib.hw3_attention.restype, _lib.hw3_attention.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32, C.c_int32, C.POINTER(hw3_attention_opts)]
_lib.hw3_attention_weights.restype, _lib.hw3_attention_weights.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int64, C.c_int64, C.POINTER(C.c_double)]
_lib.hw3_attention_entropy.restype, _lib.hw3_attention_entropy.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.POINTER(C.c_double)]
_lib.hw3_rope_opts_init.restype, _lib.hw3_rope_opts_init.argtypes = C.c_int32, [C.POINTER(hw3_rope_opts), C.c_uint32]
_lib.hw3_rope.restype, _lib.hw3_rope.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32, C.POINTER(hw3_rope_opts)]
_lib.hw3_sinusoids.restype, _lib.hw3_sinusoids.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int64, C.c_int32]
_lib.hw3_gaussian_positions.restype, _lib.hw3_gaussian_positions.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32, C.c_int32, C.c_int32]
_lib.hw3_attention_cost_opts_init.restype, _lib.hw3_attention_cost_opts_init.argtypes = C.c_int32, [C.POINTER(hw3_attention_cost_opts), C.c_uint32]
_lib.hw3_attention_cost.restype, _lib.hw3_attention_cost.argtypes = C.c_int32, [C.c_void_p, C.POINTER(hw3_attention_cost_opts), C.POINTER(hw3_attention_costs)]
_lib.hw3_optim_opts_init.restype, _lib.hw3_optim_opts_init.argtypes = C.c_int32, [C.POINTER(hw3_optim_opts), C.c_uint32]
_lib.hw3_optim_create.restype, _lib.hw3_optim_create.argtypes = C.c_int32, [C.c_void_p, C.POINTER(hw3_optim_opts), C.POINTER(C.c_void_p)]
_lib.hw3_optim_destroy.restype, _lib.hw3_optim_destroy.argtypes = None, [C.c_void_p]
_lib.hw3_optim_set_group.restype, _lib.hw3_optim_set_group.argtypes = C.c_int32, [C.c_void_p, C.c_char_p, C.c_double, C.c_double]
_lib.hw3_optim_step.restype, _lib.hw3_optim_step.argtypes = C.c_int32, [C.c_void_p]
_lib.hw3_optim_n_steps.restype, _lib.hw3_optim_n_steps.argtypes = C.c_int64, [C.c_void_p]
_lib.hw3_optim_lr.restype, _lib.hw3_optim_lr.argtypes = C.c_double, [C.c_void_p]
_lib.hw3_optim_grad_norm.restype, _lib.hw3_optim_grad_norm.argtypes = C.c_double, [C.c_void_p]
_lib.hw3_rnn_opts_init.restype, _lib.hw3_rnn_opts_init.argtypes = C.c_int32, [C.POINTER(hw3_rnn_opts), C.c_uint32]
_lib.hw3_rnn_create.restype, _lib.hw3_rnn_create.argtypes = C.c_int32, [C.c_void_p, C.c_char_p, C.POINTER(hw3_rnn_opts), C.POINTER(C.c_void_p)]
_lib.hw3_rnn_destroy.restype, _lib.hw3_rnn_destroy.argtypes = None, [C.c_void_p]
_lib.hw3_rnn_forward.restype, _lib.hw3_rnn_forward.argtypes = C.c_int32, [C.c_void_p, C.c_void_p, C.c_int32, C.c_int32, C.POINTER(hw3_rnn_state)]
_lib.hw3_rnn_glass.restype, _lib.hw3_rnn_glass.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_int32, C.c_int64, C.c_char_p]
_lib.hw3_model_config_init.restype, _lib.hw3_model_config_init.argtypes = C.c_int32, [C.POINTER(hw3_model_config), C.c_uint32]
_lib.hw3_model_create.restype, _lib.hw3_model_create.argtypes = C.c_int32, [C.c_void_p, C.POINTER(hw3_model_config), C.POINTER(C.c_void_p)]
_lib.hw3_model_opts_init.restype, _lib.hw3_model_opts_init.argtypes = C.c_int32, [C.POINTER(hw3_model_opts), C.c_uint32]
_lib.hw3_model_open.restype, _lib.hw3_model_open.argtypes = C.c_int32, [C.c_void_p, C.c_char_p, C.POINTER(hw3_model_opts), C.POINTER(C.c_void_p)]
_lib.hw3_model_save.restype, _lib.hw3_model_save.argtypes = C.c_int32, [C.c_void_p, C.c_char_p]
_lib.hw3_model_destroy.restype, _lib.hw3_model_destroy.argtypes = None, [C.c_void_p]
_lib.hw3_model_get_config.restype, _lib.hw3_model_get_config.argtypes = C.c_int32, [C.c_void_p, C.POINTER(hw3_model_config)]
_lib.hw3_model_params.restype, _lib.hw3_model_params.argtypes = C.c_void_p, [C.c_void_p]
_lib.hw3_model_forward.restype, _lib.hw3_model_forward.argtypes = C.c_int32, [C.c_void_p, C.c_void_p, C.c_int32]
_lib.hw3_model_loss.restype, _lib.hw3_model_loss.argtypes = C.c_int32, [C.c_void_p, C.c_void_p, C.c_int32, C.c_int32]
_lib.hw3_hidden_opts_init.restype, _lib.hw3_hidden_opts_init.argtypes = C.c_int32, [C.POINTER(hw3_hidden_opts), C.c_uint32]
_lib.hw3_model_hidden.restype, _lib.hw3_model_hidden.argtypes = C.c_int32, [C.c_void_p, C.c_void_p, C.c_int32, C.POINTER(hw3_hidden_opts)]
_lib.hw3_model_head.restype, _lib.hw3_model_head.argtypes = C.c_int32, [C.c_void_p, C.c_void_p, C.c_int32]
_lib.hw3_model_head_loss.restype, _lib.hw3_model_head_loss.argtypes = C.c_int32, [C.c_void_p, C.c_void_p, C.c_int32, C.c_int32]
_lib.hw3_model_pooled.restype, _lib.hw3_model_pooled.argtypes = C.c_int32, [C.c_void_p, C.c_void_p, C.c_int32]
_lib.hw3_series_missing.restype, _lib.hw3_series_missing.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.POINTER(C.c_int64)]
_lib.hw3_series_remove.restype, _lib.hw3_series_remove.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.c_double, C.c_uint64, C.POINTER(C.c_int64)]
_lib.hw3_series_fill.restype, _lib.hw3_series_fill.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.c_int32, C.c_int64, C.POINTER(C.c_uint8)]
_lib.hw3_series_split.restype, _lib.hw3_series_split.argtypes = C.c_int32, [C.c_void_p, C.c_int64, C.c_double, C.c_double, C.POINTER(hw3_split3)]
_lib.hw3_scaler_fit.restype, _lib.hw3_scaler_fit.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.POINTER(C.c_double), C.c_int64, C.POINTER(hw3_scaler)]
_lib.hw3_scaler_apply.restype, _lib.hw3_scaler_apply.argtypes = C.c_int32, [C.c_void_p, C.POINTER(hw3_scaler), C.POINTER(C.c_double), C.c_int64, C.POINTER(C.c_double)]
_lib.hw3_scaler_invert.restype, _lib.hw3_scaler_invert.argtypes = C.c_int32, [C.c_void_p, C.POINTER(hw3_scaler), C.POINTER(C.c_double), C.c_int64, C.POINTER(C.c_double)]
_lib.hw3_series_windows.restype, _lib.hw3_series_windows.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.c_int64, C.c_int64, C.POINTER(C.c_double), C.POINTER(C.c_double), C.POINTER(C.c_int64)]
_lib.hw3_series_metrics.restype, _lib.hw3_series_metrics.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.POINTER(C.c_double), C.c_int64, C.POINTER(C.c_double), C.c_int64, C.POINTER(hw3_metrics)]
_lib.hw3_series_naive.restype, _lib.hw3_series_naive.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.c_int64, C.POINTER(C.c_double)]
_lib.hw3_series_snaive.restype, _lib.hw3_series_snaive.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.c_int64, C.c_int64, C.POINTER(C.c_double)]
_lib.hw3_series_drift.restype, _lib.hw3_series_drift.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.c_int64, C.POINTER(C.c_double)]
_lib.hw3_acf.restype, _lib.hw3_acf.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.c_int64, C.POINTER(C.c_double), C.POINTER(C.c_double)]
_lib.hw3_pacf.restype, _lib.hw3_pacf.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.c_int64, C.POINTER(C.c_double), C.POINTER(C.c_double)]
_lib.hw3_ljung_box.restype, _lib.hw3_ljung_box.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.c_int64, C.c_int64, C.POINTER(hw3_test_result)]
_lib.hw3_jarque_bera.restype, _lib.hw3_jarque_bera.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.POINTER(hw3_test_result)]
_lib.hw3_unit_root_opts_init.restype, _lib.hw3_unit_root_opts_init.argtypes = C.c_int32, [C.POINTER(hw3_unit_root_opts), C.c_uint32]
_lib.hw3_adf.restype, _lib.hw3_adf.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.POINTER(hw3_unit_root_opts), C.POINTER(hw3_unit_root)]
_lib.hw3_kpss.restype, _lib.hw3_kpss.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.POINTER(hw3_unit_root_opts), C.POINTER(hw3_unit_root)]
_lib.hw3_pp.restype, _lib.hw3_pp.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.POINTER(hw3_unit_root_opts), C.POINTER(hw3_unit_root)]
_lib.hw3_diffs_opts_init.restype, _lib.hw3_diffs_opts_init.argtypes = C.c_int32, [C.POINTER(hw3_diffs_opts), C.c_uint32]
_lib.hw3_ndiffs.restype, _lib.hw3_ndiffs.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.POINTER(hw3_diffs_opts), C.POINTER(C.c_int64)]
_lib.hw3_nsdiffs.restype, _lib.hw3_nsdiffs.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.c_int64, C.POINTER(hw3_diffs_opts), C.POINTER(C.c_int64)]
_lib.hw3_seasonal_strength.restype, _lib.hw3_seasonal_strength.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.c_int64, C.POINTER(C.c_double)]
_lib.hw3_stl_opts_init.restype, _lib.hw3_stl_opts_init.argtypes = C.c_int32, [C.POINTER(hw3_stl_opts), C.c_uint32]
_lib.hw3_stl.restype, _lib.hw3_stl.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.c_int64, C.POINTER(hw3_stl_opts), C.POINTER(C.c_double), C.POINTER(C.c_double), C.POINTER(C.c_double), C.POINTER(C.c_double)]
_lib.hw3_boxcox.restype, _lib.hw3_boxcox.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.c_double, C.POINTER(C.c_double)]
_lib.hw3_boxcox_invert.restype, _lib.hw3_boxcox_invert.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.c_double, C.POINTER(C.c_double), C.POINTER(C.c_double)]
_lib.hw3_lambda_opts_init.restype, _lib.hw3_lambda_opts_init.argtypes = C.c_int32, [C.POINTER(hw3_lambda_opts), C.c_uint32]
_lib.hw3_boxcox_lambda.restype, _lib.hw3_boxcox_lambda.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.c_int64, C.POINTER(hw3_lambda_opts), C.POINTER(C.c_double)]
_lib.hw3_dm_opts_init.restype, _lib.hw3_dm_opts_init.argtypes = C.c_int32, [C.POINTER(hw3_dm_opts), C.c_uint32]
_lib.hw3_diebold_mariano.restype, _lib.hw3_diebold_mariano.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.POINTER(C.c_double), C.c_int64, C.POINTER(hw3_dm_opts), C.POINTER(hw3_test_result)]
_lib.hw3_arima_opts_init.restype, _lib.hw3_arima_opts_init.argtypes = C.c_int32, [C.POINTER(hw3_arima_opts), C.c_uint32]
_lib.hw3_arima_fit.restype, _lib.hw3_arima_fit.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.POINTER(hw3_arima_opts), C.POINTER(C.c_void_p)]
_lib.hw3_arima_destroy.restype, _lib.hw3_arima_destroy.argtypes = None, [C.c_void_p]
_lib.hw3_arima_describe.restype, _lib.hw3_arima_describe.argtypes = C.c_int32, [C.c_void_p, C.POINTER(hw3_arima_info)]
_lib.hw3_arima_coef_name.restype, _lib.hw3_arima_coef_name.argtypes = C.c_char_p, [C.c_void_p, C.c_int64]
_lib.hw3_arima_coef.restype, _lib.hw3_arima_coef.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.POINTER(C.c_double), C.c_int64]
_lib.hw3_arima_cov.restype, _lib.hw3_arima_cov.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64]
_lib.hw3_arima_residuals.restype, _lib.hw3_arima_residuals.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64]
_lib.hw3_arima_fitted.restype, _lib.hw3_arima_fitted.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64]
_lib.hw3_arima_forecast.restype, _lib.hw3_arima_forecast.argtypes = C.c_int32, [C.c_void_p, C.c_int64, C.c_double, C.POINTER(C.c_double), C.POINTER(C.c_double), C.POINTER(C.c_double)]
_lib.hw3_arima_predict.restype, _lib.hw3_arima_predict.argtypes = C.c_int32, [C.c_void_p, C.c_int64, C.POINTER(C.c_double), C.POINTER(C.c_double), C.c_int64, C.POINTER(C.c_double), C.POINTER(C.c_double), C.POINTER(C.c_double), C.POINTER(C.c_double)]
_lib.hw3_arima_append.restype, _lib.hw3_arima_append.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.POINTER(C.c_double)]
_lib.hw3_arima_refit.restype, _lib.hw3_arima_refit.argtypes = C.c_int32, [C.c_void_p]
_lib.hw3_arima_apply.restype, _lib.hw3_arima_apply.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.POINTER(C.c_double), C.POINTER(C.c_void_p)]
_lib.hw3_arima_one_step.restype, _lib.hw3_arima_one_step.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.POINTER(C.c_double), C.POINTER(C.c_double), C.POINTER(C.c_double)]
_lib.hw3_arima_backtest.restype, _lib.hw3_arima_backtest.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.c_int64, C.c_int64, C.POINTER(C.c_double), hw3_arima_origin_fn, C.c_void_p, C.POINTER(C.c_double), C.POINTER(C.c_double)]
_lib.hw3_arima_roots.restype, _lib.hw3_arima_roots.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.POINTER(C.c_double), C.POINTER(C.c_double), C.c_int64]
_lib.hw3_arima_simulate.restype, _lib.hw3_arima_simulate.argtypes = C.c_int32, [C.c_void_p, C.c_int64, C.c_int64, C.c_uint64, C.c_int32, C.c_int32, C.POINTER(C.c_double), C.POINTER(C.c_double)]
_lib.hw3_arima_intervals.restype, _lib.hw3_arima_intervals.argtypes = C.c_int32, [C.c_void_p, C.c_int64, C.POINTER(C.c_double), C.c_int64, C.c_int64, C.c_uint64, C.c_int32, C.POINTER(C.c_double), C.POINTER(C.c_double), C.POINTER(C.c_double)]
_lib.hw3_arima_save.restype, _lib.hw3_arima_save.argtypes = C.c_int32, [C.c_void_p, C.c_char_p]
_lib.hw3_arima_load.restype, _lib.hw3_arima_load.argtypes = C.c_int32, [C.c_void_p, C.c_char_p, C.POINTER(C.c_void_p)]
_lib.hw3_arima_fit_many.restype, _lib.hw3_arima_fit_many.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.POINTER(C.c_int64), C.c_int64, C.POINTER(hw3_arima_opts), C.c_int64, C.POINTER(C.c_double), C.POINTER(C.c_double), C.POINTER(C.c_double), C.POINTER(C.c_int32), C.POINTER(C.c_int32)]
_lib.hw3_fourier.restype, _lib.hw3_fourier.argtypes = C.c_int32, [C.c_void_p, C.c_double, C.c_int64, C.c_int64, C.c_int64, C.POINTER(C.c_double)]
_lib.hw3_arima_auto_opts_init.restype, _lib.hw3_arima_auto_opts_init.argtypes = C.c_int32, [C.POINTER(hw3_arima_auto_opts), C.c_uint32]
_lib.hw3_arima_auto.restype, _lib.hw3_arima_auto.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.POINTER(hw3_arima_auto_opts), C.POINTER(C.c_void_p)]
_lib.hw3_arima_n_candidates.restype, _lib.hw3_arima_n_candidates.argtypes = C.c_int64, [C.c_void_p]
_lib.hw3_arima_candidate.restype, _lib.hw3_arima_candidate.argtypes = C.c_int32, [C.c_void_p, C.c_int64, C.POINTER(hw3_arima_trial)]
_lib.hw3_sampler_create.restype, _lib.hw3_sampler_create.argtypes = C.c_int32, [C.c_void_p, C.c_uint64, C.POINTER(C.c_void_p)]
_lib.hw3_sampler_destroy.restype, _lib.hw3_sampler_destroy.argtypes = None, [C.c_void_p]
_lib.hw3_sampler_add_greedy.restype, _lib.hw3_sampler_add_greedy.argtypes = C.c_int32, [C.c_void_p]
_lib.hw3_sampler_add_temperature.restype, _lib.hw3_sampler_add_temperature.argtypes = C.c_int32, [C.c_void_p, C.c_double]
_lib.hw3_sampler_add_top_k.restype, _lib.hw3_sampler_add_top_k.argtypes = C.c_int32, [C.c_void_p, C.c_int64]
_lib.hw3_sampler_add_top_p.restype, _lib.hw3_sampler_add_top_p.argtypes = C.c_int32, [C.c_void_p, C.c_double]
_lib.hw3_sampler_add_min_p.restype, _lib.hw3_sampler_add_min_p.argtypes = C.c_int32, [C.c_void_p, C.c_double]
_lib.hw3_sampler_add_typical.restype, _lib.hw3_sampler_add_typical.argtypes = C.c_int32, [C.c_void_p, C.c_double]
_lib.hw3_sampler_add_repetition.restype, _lib.hw3_sampler_add_repetition.argtypes = C.c_int32, [C.c_void_p, C.c_double, C.c_int64]
_lib.hw3_sampler_add_penalties.restype, _lib.hw3_sampler_add_penalties.argtypes = C.c_int32, [C.c_void_p, C.c_double, C.c_double, C.c_int64]
_lib.hw3_sampler_add_no_repeat.restype, _lib.hw3_sampler_add_no_repeat.argtypes = C.c_int32, [C.c_void_p, C.c_int64]
_lib.hw3_sampler_add_bias.restype, _lib.hw3_sampler_add_bias.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_int64), C.POINTER(C.c_double), C.c_int64]
_lib.hw3_sampler_add_callback.restype, _lib.hw3_sampler_add_callback.argtypes = C.c_int32, [C.c_void_p, hw3_logits_fn, C.c_void_p]
_lib.hw3_sampler_pick.restype, _lib.hw3_sampler_pick.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_float), C.c_int64, C.POINTER(C.c_int64), C.c_int64, C.c_int64, C.POINTER(C.c_int64)]
_lib.hw3_sampler_probabilities.restype, _lib.hw3_sampler_probabilities.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_float), C.c_int64, C.POINTER(C.c_int64), C.c_int64, C.POINTER(C.c_double)]
_lib.hw3_logprobs.restype, _lib.hw3_logprobs.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_float), C.c_int64, C.c_int64, C.POINTER(C.c_double), C.c_int64, C.POINTER(C.c_int64), C.POINTER(C.c_double)]
_lib.hw3_session_opts_init.restype, _lib.hw3_session_opts_init.argtypes = C.c_int32, [C.POINTER(hw3_session_opts), C.c_uint32]
_lib.hw3_session_create.restype, _lib.hw3_session_create.argtypes = C.c_int32, [C.c_void_p, C.POINTER(hw3_session_opts), C.POINTER(C.c_void_p)]
_lib.hw3_session_destroy.restype, _lib.hw3_session_destroy.argtypes = None, [C.c_void_p]
_lib.hw3_session_feed.restype, _lib.hw3_session_feed.argtypes = C.c_int32, [C.c_void_p, C.c_int64, C.POINTER(C.c_int64), C.c_int64]
_lib.hw3_session_feed_logits.restype, _lib.hw3_session_feed_logits.argtypes = C.c_int32, [C.c_void_p, C.c_int64, C.POINTER(C.c_int64), C.c_int64, C.POINTER(C.c_float), C.c_int64]
_lib.hw3_session_perplexity.restype, _lib.hw3_session_perplexity.argtypes = C.c_int32, [C.c_void_p, C.c_int64, C.POINTER(C.c_int64), C.c_int64, C.POINTER(C.c_double)]
_lib.hw3_session_step.restype, _lib.hw3_session_step.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_int64), C.POINTER(C.c_int64), C.c_int64]
_lib.hw3_session_logits.restype, _lib.hw3_session_logits.argtypes = C.c_int32, [C.c_void_p, C.c_int64, C.POINTER(C.c_float), C.c_int64]
_lib.hw3_session_n_tokens.restype, _lib.hw3_session_n_tokens.argtypes = C.c_int64, [C.c_void_p, C.c_int64]
_lib.hw3_session_tokens.restype, _lib.hw3_session_tokens.argtypes = C.c_int32, [C.c_void_p, C.c_int64, C.POINTER(C.c_int64), C.c_int64]
_lib.hw3_session_truncate.restype, _lib.hw3_session_truncate.argtypes = C.c_int32, [C.c_void_p, C.c_int64, C.c_int64]
_lib.hw3_session_fork.restype, _lib.hw3_session_fork.argtypes = C.c_int32, [C.c_void_p, C.c_int64, C.c_int64]
_lib.hw3_session_save.restype, _lib.hw3_session_save.argtypes = C.c_int32, [C.c_void_p, C.c_char_p]
_lib.hw3_session_restore.restype, _lib.hw3_session_restore.argtypes = C.c_int32, [C.c_void_p, C.c_char_p]
_lib.hw3_session_bytes.restype, _lib.hw3_session_bytes.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_int64), C.POINTER(C.c_int64)]
_lib.hw3_generate_opts_init.restype, _lib.hw3_generate_opts_init.argtypes = C.c_int32, [C.POINTER(hw3_generate_opts), C.c_uint32]
_lib.hw3_generate_next.restype, _lib.hw3_generate_next.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_int64), C.c_int64, C.c_void_p, C.POINTER(hw3_generate_opts), C.POINTER(C.c_int64)]
_lib.hw3_generate.restype, _lib.hw3_generate.argtypes = C.c_int32, [C.c_void_p, C.c_int64, C.c_void_p, C.c_int64, C.POINTER(hw3_generate_opts), C.POINTER(C.c_int64), C.POINTER(C.c_int64)]
_lib.hw3_generate_text.restype, _lib.hw3_generate_text.argtypes = C.c_int32, [C.c_void_p, C.c_int64, C.c_void_p, C.c_void_p, C.POINTER(hw3_generate_opts), C.c_char_p, C.c_int64, C.POINTER(C.c_int64)]
_lib.hw3_beam_opts_init.restype, _lib.hw3_beam_opts_init.argtypes = C.c_int32, [C.POINTER(hw3_beam_opts), C.c_uint32]
_lib.hw3_beam_search.restype, _lib.hw3_beam_search.argtypes = C.c_int32, [C.c_void_p, C.c_int64, C.POINTER(C.c_int64), C.c_int64, C.POINTER(hw3_beam_opts), C.POINTER(C.c_int64), C.POINTER(C.c_int64), C.POINTER(C.c_double)]
_lib.hw3_text_normalize.restype, _lib.hw3_text_normalize.argtypes = C.c_int32, [C.c_void_p, C.c_int32, C.c_char_p, C.c_int64, C.c_char_p, C.c_int64, C.POINTER(C.c_int64)]
_lib.hw3_persian_opts_init.restype, _lib.hw3_persian_opts_init.argtypes = C.c_int32, [C.POINTER(hw3_persian_opts), C.c_uint32]
_lib.hw3_persian_normalize.restype, _lib.hw3_persian_normalize.argtypes = C.c_int32, [C.c_void_p, C.POINTER(hw3_persian_opts), C.c_char_p, C.c_int64, C.c_char_p, C.c_int64, C.POINTER(C.c_int64), C.POINTER(hw3_text_edit), C.c_int64, C.POINTER(C.c_int64)]
_lib.hw3_persian_restore.restype, _lib.hw3_persian_restore.argtypes = C.c_int32, [C.c_void_p, C.c_char_p, C.c_int64, C.POINTER(hw3_text_edit), C.c_int64, C.c_char_p, C.c_int64, C.POINTER(C.c_int64)]
_lib.hw3_tokenizer_train_opts_init.restype, _lib.hw3_tokenizer_train_opts_init.argtypes = C.c_int32, [C.POINTER(hw3_tokenizer_train_opts), C.c_uint32]
_lib.hw3_encode_opts_init.restype, _lib.hw3_encode_opts_init.argtypes = C.c_int32, [C.POINTER(hw3_encode_opts), C.c_uint32]
_lib.hw3_decode_opts_init.restype, _lib.hw3_decode_opts_init.argtypes = C.c_int32, [C.POINTER(hw3_decode_opts), C.c_uint32]
_lib.hw3_tokenizer_open.restype, _lib.hw3_tokenizer_open.argtypes = C.c_int32, [C.c_void_p, C.c_char_p, C.POINTER(C.c_void_p)]
_lib.hw3_tokenizer_open_bpe.restype, _lib.hw3_tokenizer_open_bpe.argtypes = C.c_int32, [C.c_void_p, C.c_char_p, C.c_char_p, C.c_int32, C.POINTER(C.c_void_p)]
_lib.hw3_tokenizer_train.restype, _lib.hw3_tokenizer_train.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_char_p), C.POINTER(C.c_int64), C.c_int64, C.POINTER(hw3_tokenizer_train_opts), C.POINTER(C.c_void_p)]
_lib.hw3_tokenizer_save.restype, _lib.hw3_tokenizer_save.argtypes = C.c_int32, [C.c_void_p, C.c_char_p]
_lib.hw3_tokenizer_destroy.restype, _lib.hw3_tokenizer_destroy.argtypes = None, [C.c_void_p]
_lib.hw3_tokenizer_add.restype, _lib.hw3_tokenizer_add.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_char_p), C.c_int64, C.c_int32]
_lib.hw3_tokenizer_n_vocab.restype, _lib.hw3_tokenizer_n_vocab.argtypes = C.c_int64, [C.c_void_p]
_lib.hw3_tokenizer_find.restype, _lib.hw3_tokenizer_find.argtypes = C.c_int64, [C.c_void_p, C.c_char_p, C.c_int64]
_lib.hw3_tokenizer_token.restype, _lib.hw3_tokenizer_token.argtypes = C.c_int32, [C.c_void_p, C.c_int64, C.c_char_p, C.c_int64, C.POINTER(C.c_int64)]
_lib.hw3_tokenizer_encode.restype, _lib.hw3_tokenizer_encode.argtypes = C.c_int32, [C.c_void_p, C.c_char_p, C.c_int64, C.POINTER(hw3_encode_opts), C.POINTER(C.c_int64), C.c_int64, C.POINTER(C.c_int64)]
_lib.hw3_tokenizer_encode_batch.restype, _lib.hw3_tokenizer_encode_batch.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_char_p), C.POINTER(C.c_int64), C.c_int64, C.POINTER(hw3_encode_opts), C.POINTER(C.c_int64), C.c_int64, C.POINTER(C.c_int64)]
_lib.hw3_tokenizer_decode.restype, _lib.hw3_tokenizer_decode.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_int64), C.c_int64, C.POINTER(hw3_decode_opts), C.c_char_p, C.c_int64, C.POINTER(C.c_int64)]
_lib.hw3_tokenizer_view.restype, _lib.hw3_tokenizer_view.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_int64), C.c_int64, C.c_char_p, C.c_int64, C.POINTER(C.c_int64)]
_lib.hw3_decoder_create.restype, _lib.hw3_decoder_create.argtypes = C.c_int32, [C.c_void_p, C.POINTER(hw3_decode_opts), C.POINTER(C.c_void_p)]
_lib.hw3_decoder_destroy.restype, _lib.hw3_decoder_destroy.argtypes = None, [C.c_void_p]
_lib.hw3_decoder_push.restype, _lib.hw3_decoder_push.argtypes = C.c_int32, [C.c_void_p, C.c_int64, C.c_char_p, C.c_int64, C.POINTER(C.c_int64)]
_lib.hw3_decoder_finish.restype, _lib.hw3_decoder_finish.argtypes = C.c_int32, [C.c_void_p, C.c_char_p, C.c_int64, C.POINTER(C.c_int64)]
_lib.hw3_decoder_stopped.restype, _lib.hw3_decoder_stopped.argtypes = C.c_int32, [C.c_void_p]
_lib.hw3_trainer_opts_init.restype, _lib.hw3_trainer_opts_init.argtypes = C.c_int32, [C.POINTER(hw3_trainer_opts), C.c_uint32]
_lib.hw3_trainer_create.restype, _lib.hw3_trainer_create.argtypes = C.c_int32, [C.c_void_p, C.c_void_p, C.POINTER(hw3_trainer_opts), C.POINTER(C.c_void_p)]
_lib.hw3_trainer_destroy.restype, _lib.hw3_trainer_destroy.argtypes = None, [C.c_void_p]
_lib.hw3_trainer_fit.restype, _lib.hw3_trainer_fit.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_void_p), C.c_int64, hw3_batch_loss_fn, C.c_void_p]
_lib.hw3_trainer_evaluate.restype, _lib.hw3_trainer_evaluate.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_void_p), C.c_int64, hw3_batch_loss_fn, C.c_void_p, C.POINTER(C.c_double)]
_lib.hw3_trainer_set_epochs.restype, _lib.hw3_trainer_set_epochs.argtypes = C.c_int32, [C.c_void_p, C.c_int32]
_lib.hw3_trainer_history.restype, _lib.hw3_trainer_history.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.POINTER(C.c_double), C.c_int64, C.POINTER(C.c_int64)]
_lib.hw3_trainer_save.restype, _lib.hw3_trainer_save.argtypes = C.c_int32, [C.c_void_p, C.c_char_p]
_lib.hw3_trainer_load.restype, _lib.hw3_trainer_load.argtypes = C.c_int32, [C.c_void_p, C.c_char_p]
_lib.hw3_forecaster_opts_init.restype, _lib.hw3_forecaster_opts_init.argtypes = C.c_int32, [C.POINTER(hw3_forecaster_opts), C.c_uint32]
_lib.hw3_forecaster_create.restype, _lib.hw3_forecaster_create.argtypes = C.c_int32, [C.c_void_p, C.POINTER(hw3_forecaster_opts), C.POINTER(C.c_void_p)]
_lib.hw3_forecaster_train.restype, _lib.hw3_forecaster_train.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.c_int32]
_lib.hw3_forecaster_set_progress.restype, _lib.hw3_forecaster_set_progress.argtypes = C.c_int32, [C.c_void_p, hw3_progress_fn, C.c_void_p]
_lib.hw3_forecaster_fit.restype, _lib.hw3_forecaster_fit.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.POINTER(hw3_forecaster_opts), C.POINTER(C.c_void_p)]
_lib.hw3_forecaster_destroy.restype, _lib.hw3_forecaster_destroy.argtypes = None, [C.c_void_p]
_lib.hw3_forecaster_predict.restype, _lib.hw3_forecaster_predict.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.c_int64, C.POINTER(C.c_double)]
_lib.hw3_forecaster_backtest.restype, _lib.hw3_forecaster_backtest.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.c_int64, C.c_int64, C.POINTER(C.c_double)]
_lib.hw3_forecaster_history.restype, _lib.hw3_forecaster_history.argtypes = C.c_int32, [C.c_void_p, C.POINTER(C.c_double), C.POINTER(C.c_double), C.c_int64, C.POINTER(C.c_int64)]
_lib.hw3_forecaster_scaler.restype, _lib.hw3_forecaster_scaler.argtypes = C.c_int32, [C.c_void_p, C.POINTER(hw3_scaler)]
_lib.hw3_forecaster_params.restype, _lib.hw3_forecaster_params.argtypes = C.c_void_p, [C.c_void_p]
_lib.hw3_forecaster_get_opts.restype, _lib.hw3_forecaster_get_opts.argtypes = C.c_int32, [C.c_void_p, C.POINTER(hw3_forecaster_opts)]
_lib.hw3_forecaster_save.restype, _lib.hw3_forecaster_save.argtypes = C.c_int32, [C.c_void_p, C.c_char_p]
_lib.hw3_forecaster_load.restype, _lib.hw3_forecaster_load.argtypes = C.c_int32, [C.c_void_p, C.c_char_p, C.POINTER(C.c_void_p)]
if _lib.hw3_abi_version() != ABI:
    raise ImportError(f'libhw3 speaks interface {_lib.hw3_abi_version()}, this file {ABI}')


class Ctx(_Object):
    """Context: memory, threads, seed, and the message of the last failure."""
    _destroy = _lib.hw3_ctx_destroy

    def n_threads(self):
        """Tells how many threads the context works with.
        ctx: a context.
        Returns: the number, at least 1; 0 when ctx is NULL. Since 0.1."""
        return _lib.hw3_ctx_n_threads(self)

    def tensor_create(self, dtype, shape):
        """Makes a contiguous tensor of zeros.
        ctx: context.  dtype: HW3_F32, HW3_F64 or HW3_I64.  n_dims: 0 (a single number) to HW3_MAX_DIMS.
        shape: [n_dims], each at least 0; NULL if n_dims is 0.  out: the tensor.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_DTYPE; HW3_ERR_SHAPE (negative, or too many elements); HW3_ERR_NOMEM. Since 0.1."""
        shape = tuple(shape)
        out = C.c_void_p()
        status = _lib.hw3_tensor_create(self, dtype, len(shape), (C.c_int64 * len(shape))(*shape), C.byref(out))
        self._check(status)
        return Tensor(out.value, self, True, (self,))

    def params_create(self):
        """Makes an empty set.
        ctx: context.  out: the set.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1."""
        out = C.c_void_p()
        status = _lib.hw3_params_create(self, C.byref(out))
        self._check(status)
        return Params(out.value, self, True, (self,))

    def graph_create(self, params=None):
        """Makes a graph.
        ctx: context.  params: the parameters it may use; NULL for none.  out: the graph.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1."""
        out = C.c_void_p()
        status = _lib.hw3_graph_create(self, params, C.byref(out))
        self._check(status)
        return Graph(out.value, self, True, (self, params,))

    def attention_cost(self, **options):
        """Counts what attention costs.
        ctx: context.  opts: what is asked.  out: begun with HW3_ATTENTION_COSTS_INIT.
        Returns: HW3_OK; HW3_ERR_ARG (a number out of its range, heads that do not divide); HW3_ERR_VALUE (a count past 2^63);
        HW3_ERR_ABI. Since 0.1.
        options: fields of hw3_attention_cost_opts: cache, causal, absorbed, n_tokens, n_new, n_sequences, n_layers, d_model,
        n_heads, n_kv_heads, d_head, d_value, kv_rank, q_rank, d_rope, element_size."""
        opts, kept = _options(hw3_attention_cost_opts, _lib.hw3_attention_cost_opts_init, options, self)
        out = hw3_attention_costs(struct_size=C.sizeof(hw3_attention_costs))
        status = _lib.hw3_attention_cost(self, C.byref(opts), C.byref(out))
        self._check(status, None, kept[1])
        return out

    def model_create(self, **options):
        """Makes a model with random first weights: normal with deviation init_std, GPT-2's that lead back into the residual stream
        by init_std / sqrt(2 n_layers), biases 0 and gains 1 [Radford19]; recurrent layers as hw3_rnn_create.
        ctx: context; its seed chooses the weights.  config: what the model is made of.  out: the model.
        Returns: HW3_OK; HW3_ERR_ARG (the message names the field); HW3_ERR_ABI; HW3_ERR_NOMEM. Since 0.1.
        options: fields of hw3_model_config: family, n_vocab, n_ctx, d_model, n_layers, n_heads, d_ff, n_types, dtype,
        activation, tied, rope_scaling, eps, init_std, dropout, embed_dropout, attention_dropout, bos_id, eos_id, pad_id,
        n_kv_heads, d_head, attention_bias, mlp_bias, rope_base, rope_factor, rope_context, rope_beta_fast, rope_beta_slow,
        rope_attention_factor, kv_rank, q_rank, d_rope, d_value, head, n_classes, head_dropout, image_size, patch_size,
        n_channels, d_embed."""
        opts, kept = _options(hw3_model_config, _lib.hw3_model_config_init, options, self)
        out = C.c_void_p()
        status = _lib.hw3_model_create(self, C.byref(opts), C.byref(out))
        result = Model(out.value, self, True, (self, kept,), kept[1]) if out.value else None
        self._check(status, result, kept[1])
        return result

    def model_open(self, dir, **options):
        """Opens a model of Python's transformers: a folder with config.json and model.safetensors, or the files that
        model.safetensors.index.json names. Weights of type F16 and BF16 are converted. Tensors that the model has no use for are
        counted in the log. The files are mapped while they are read: one that another program shortens meanwhile ends the process
        with SIGBUS; one that is replaced by renaming, as hw3_model_save does, stays as it was.
        The head is that of "architectures". Where opts asks for a head, what the files have not of it begins at random as in
        hw3_model_create, and the log names it: so a classifier is begun on an encoder. All else must be there.
        ctx: context.  dir: the folder.  opts: NULL for the defaults.  out: the model.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_ABI; HW3_ERR_IO; HW3_ERR_FORMAT (damaged, or a weight is not finite);
        HW3_ERR_UNSUPPORTED (a model_type, architecture, setting or element type that is not built; the message names it);
        HW3_ERR_MISMATCH (a tensor is missing or has another shape); HW3_ERR_NOMEM. Since 0.1.
        options: fields of hw3_model_opts: dtype, head, n_classes."""
        opts, kept = _options(hw3_model_opts, _lib.hw3_model_opts_init, options, self)
        out = C.c_void_p()
        status = _lib.hw3_model_open(self, None if dir is None else os.fsencode(dir), C.byref(opts), C.byref(out))
        result = Model(out.value, self, True, (self, kept,), kept[1]) if out.value else None
        self._check(status, result, kept[1])
        return result

    def series_missing(self, y):
        """Counts the missing values.
        ctx: context.  y: [n], NaN is missing.  n: at least 0.  n_missing: receives the count.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (an infinite value; the message gives its index). Since 0.1."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        n_missing = C.c_int64()
        status = _lib.hw3_series_missing(self, _address(y, C.c_double), n, C.byref(n_missing))
        self._check(status)
        return n_missing.value

    def series_remove(self, y, share, seed):
        """Removes a share of the values that are present, each equally likely, by a seeded draw.
        ctx: context.  y: [n], changed: removed values become NaN.  n: at least 0.  share: 0 to 1; round(share n_present) values go.
        seed: of the draw.
        n_removed: receives the count; may be NULL.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE; HW3_ERR_NOMEM. Since 0.1."""
        _array(y, 'y', np.float64, True)
        n = _length(y)
        n_removed = C.c_int64()
        status = _lib.hw3_series_remove(self, _address(y, C.c_double), n, share, seed, C.byref(n_removed))
        self._check(status)
        return n_removed.value

    def series_fill(self, y, fill, window=0):
        """Fills the missing values in place.
        ctx: context.  y: [n], changed only on success.  n: at least 1.  fill: one of HW3_FILL_.
        window: HW3_FILL_MOVING_MEAN: 1 or more values; else ignored.
        mask: [n], receives 1 where a value was missing, else 0; may be NULL.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (all are missing, or one is infinite). Since 0.1."""
        _array(y, 'y', np.float64, True)
        n = _length(y)
        mask = np.empty(max(0, n), np.uint8)
        status = _lib.hw3_series_fill(self, _address(y, C.c_double), n, _constant('hw3_fill', fill), window, _address(mask, C.c_uint8))
        self._check(status)
        return mask

    def series_split(self, n, train, val):
        """Splits n points in time.
        ctx: context.  n: points.  train, val: shares, not negative, together at most 1.  out: receives the sizes.
        Returns: HW3_OK; HW3_ERR_ARG. Since 0.1."""
        out = hw3_split3()
        status = _lib.hw3_series_split(self, n, train, val, C.byref(out))
        self._check(status)
        return out

    def scaler_fit(self, kind, y):
        """Fits a scaler; give it the training part alone.
        ctx: context.  kind: one of HW3_SCALE_.  y: [n], no missing values.  n: at least 1.  out: the scaler.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (a value is missing or infinite, or they are too far apart). Since 0.1."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        out = hw3_scaler()
        status = _lib.hw3_scaler_fit(self, _constant('hw3_scale', kind), _address(y, C.c_double), n, C.byref(out))
        self._check(status)
        return out

    def scaler_apply(self, scaler, y):
        """Scales.
        ctx: context.  scaler: a fitted one.  y: [n].  n: at least 0.  z: [n], may be y; NaN stays NaN.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (infinite; z would be infinite). Since 0.1."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        z = np.empty(max(0, n), np.float64)
        status = _lib.hw3_scaler_apply(self, None if scaler is None else C.byref(scaler), _address(y, C.c_double), n, _address(z, C.c_double))
        self._check(status)
        return z

    def scaler_invert(self, scaler, z):
        """Scales back: y = z width + shift.
        ctx: context.  scaler: a fitted one.  z: [n].  n: at least 0.  y: [n], may be z; NaN stays NaN.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (infinite; y would be infinite). Since 0.1."""
        z = _array(z, 'z', np.float64)
        n = _length(z)
        y = np.empty(max(0, n), np.float64)
        status = _lib.hw3_scaler_invert(self, None if scaler is None else C.byref(scaler), _address(z, C.c_double), n, _address(y, C.c_double))
        self._check(status)
        return y

    def series_metrics(self, actual, forecast, train=None):
        """Computes all metrics.
        ctx: context.  actual, forecast: [n].  n: at least 1.  train: [n_train] training part for mase, NULL for none.
        n_train: its length.
        out: begun with HW3_METRICS_INIT.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (a value is missing or infinite, or a metric is infinite);
        HW3_ERR_ABI. Since 0.1."""
        actual = _array(actual, 'actual', np.float64)
        forecast = _array(forecast, 'forecast', np.float64)
        n = _length(actual, forecast)
        train = None if train is None else _array(train, 'train', np.float64)
        n_train = _length(train)
        out = hw3_metrics(struct_size=C.sizeof(hw3_metrics))
        status = _lib.hw3_series_metrics(self, _address(actual, C.c_double), _address(forecast, C.c_double), n, _address(train, C.c_double), n_train, C.byref(out))
        self._check(status)
        return out

    def series_naive(self, y, start):
        """One-step forecasts by the last value: out[t] = y[start + t - 1].
        ctx: context.  y: [n].  n: at least 2.  start: first point to forecast, 1 to n - 1.  out: [n - start].
        Returns: HW3_OK; HW3_ERR_ARG. Since 0.1."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        out = np.empty(max(0, n - start), np.float64)
        status = _lib.hw3_series_naive(self, _address(y, C.c_double), n, start, _address(out, C.c_double))
        self._check(status)
        return out

    def series_snaive(self, y, start, period):
        """One-step forecasts by the value one season before: out[t] = y[start + t - period].
        ctx, y, n, out: as in hw3_series_naive.  start: period to n - 1.  period: steps a season, at least 1.
        Returns: HW3_OK; HW3_ERR_ARG. Since 0.1."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        out = np.empty(max(0, n - start), np.float64)
        status = _lib.hw3_series_snaive(self, _address(y, C.c_double), n, start, period, _address(out, C.c_double))
        self._check(status)
        return out

    def series_drift(self, y, start):
        """One-step forecasts by drift: out[t] = last + (last - y[0]) / (index of last), with last = y[start + t - 1] [Hyndman21].
        ctx, y, n, out: as in hw3_series_naive; NaN where one of the two is missing.  start: 2 to n - 1.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (infinite; a forecast would be infinite). Since 0.1."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        out = np.empty(max(0, n - start), np.float64)
        status = _lib.hw3_series_drift(self, _address(y, C.c_double), n, start, _address(out, C.c_double))
        self._check(status)
        return out

    def acf(self, y, max_lag):
        """Autocorrelation: acf[k - 1] = (1/n) sum_t (y[t] - mean)(y[t + k] - mean) / ((1/n) sum_t (y[t] - mean)^2), as R's acf.
        Missing values: with na.pass, the sum at lag k has divisor k + number of pairs.
        ctx: context.  y: [n].  n: at least 2.  max_lag: 1 to n - 1.  acf: [max_lag], at lags 1 to max_lag.
        band: receives 1.96 / sqrt(values present): white noise stays inside, up and down, at 95 of 100 lags; may be NULL.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (infinite; constant; no two values so far apart); HW3_ERR_NOMEM. Since 0.1."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        acf = np.empty(max(0, max_lag), np.float64)
        band = C.c_double()
        status = _lib.hw3_acf(self, _address(y, C.c_double), n, max_lag, _address(acf, C.c_double), C.byref(band))
        self._check(status)
        return acf, band.value

    def pacf(self, y, max_lag):
        """Partial autocorrelation from hw3_acf by the Durbin-Levinson recursion [Durbin60], as R's pacf.
        ctx, y, n, max_lag, band: as in hw3_acf.  pacf: [max_lag], at lags 1 to max_lag.
        Returns: as hw3_acf. Since 0.1."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        pacf = np.empty(max(0, max_lag), np.float64)
        band = C.c_double()
        status = _lib.hw3_pacf(self, _address(y, C.c_double), n, max_lag, _address(pacf, C.c_double), C.byref(band))
        self._check(status)
        return pacf, band.value

    def ljung_box(self, y, lag, fitdf):
        """Are residuals white noise? Q = n (n + 2) sum_{k <= lag} acf_k^2 / (n - k) is chi-squared then [Ljung78], as R's Box.test.
        Missing values: as in hw3_acf; n counts those present.
        ctx: context.  y: [n].  n: at least 2.  lag: 1 to n - 1.  fitdf: coefficients of the model, 0 to lag - 1.
        out: begun with HW3_TEST_RESULT_INIT; df is lag - fitdf.
        Returns: as hw3_acf; HW3_ERR_ABI. Since 0.1."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        out = hw3_test_result(struct_size=C.sizeof(hw3_test_result))
        status = _lib.hw3_ljung_box(self, _address(y, C.c_double), n, lag, fitdf, C.byref(out))
        self._check(status)
        return out

    def jarque_bera(self, y):
        """Are values normal? n (skewness^2 / 6 + (kurtosis - 3)^2 / 24) is chi-squared with 2 then [Jarque87], as tseries in R.
        ctx: context.  y: [n].  n: at least 2.  out: begun with HW3_TEST_RESULT_INIT.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE; HW3_ERR_ABI. Since 0.1."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        out = hw3_test_result(struct_size=C.sizeof(hw3_test_result))
        status = _lib.hw3_jarque_bera(self, _address(y, C.c_double), n, C.byref(out))
        self._check(status)
        return out

    def adf(self, y, **options):
        """Augmented Dickey-Fuller test [Dickey79]: the hypothesis is a unit root. Lags, p and critical values are those of adfuller in
        statsmodels. The regression is y[t + 1] - y[t] on y[t], n_lags differences before, and the trend.
        ctx: context.  y: [n].  n: enough for the regression.  opts: NULL for the defaults.  out: begun with HW3_UNIT_ROOT_INIT.
        Returns: HW3_OK; HW3_ERR_ARG (also too few values for max_lag); HW3_ERR_VALUE (also a regression that is singular or leaves
        nothing); HW3_ERR_NOMEM; HW3_ERR_ABI. Since 0.1.
        options: fields of hw3_unit_root_opts: trend, lags, max_lag."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        opts, kept = _options(hw3_unit_root_opts, _lib.hw3_unit_root_opts_init, options, self)
        out = hw3_unit_root(struct_size=C.sizeof(hw3_unit_root))
        status = _lib.hw3_adf(self, _address(y, C.c_double), n, C.byref(opts), C.byref(out))
        self._check(status, None, kept[1])
        return out

    def kpss(self, y, **options):
        """KPSS test [Kwiatkowski92]: the hypothesis is that y is stationary around a constant (HW3_TREND_C) or a line
        (HW3_TREND_CT). As urca's ur.kpss.
        ctx, y, n, opts, out: as in hw3_adf.
        Returns: as hw3_adf. Since 0.1.
        options: fields of hw3_unit_root_opts: trend, lags, max_lag."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        opts, kept = _options(hw3_unit_root_opts, _lib.hw3_unit_root_opts_init, options, self)
        out = hw3_unit_root(struct_size=C.sizeof(hw3_unit_root))
        status = _lib.hw3_kpss(self, _address(y, C.c_double), n, C.byref(opts), C.byref(out))
        self._check(status, None, kept[1])
        return out

    def pp(self, y, **options):
        """Phillips-Perron test [Phillips88]: the hypothesis is a unit root. statistic is Z-tau; trend is HW3_TREND_C or HW3_TREND_CT.
        n in the choice of lags is one less here. As urca's ur.pp.
        ctx, y, n, opts, out: as in hw3_adf.
        Returns: as hw3_adf. Since 0.1.
        options: fields of hw3_unit_root_opts: trend, lags, max_lag."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        opts, kept = _options(hw3_unit_root_opts, _lib.hw3_unit_root_opts_init, options, self)
        out = hw3_unit_root(struct_size=C.sizeof(hw3_unit_root))
        status = _lib.hw3_pp(self, _address(y, C.c_double), n, C.byref(opts), C.byref(out))
        self._check(status, None, kept[1])
        return out

    def ndiffs(self, y, **options):
        """Counts the differences that make y stationary. Missing values are left out. A constant series needs no more, nor does one
        for which the test cannot be computed.
        ctx: context.  y: [n].  n: at least 1.  opts: NULL for the defaults.  d: receives the number.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (infinite; all missing); HW3_ERR_NOMEM; HW3_ERR_ABI. Since 0.1.
        options: fields of hw3_diffs_opts: test, trend, season_test, max_d, max_season_d, alpha."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        opts, kept = _options(hw3_diffs_opts, _lib.hw3_diffs_opts_init, options, self)
        d = C.c_int64()
        status = _lib.hw3_ndiffs(self, _address(y, C.c_double), n, C.byref(opts), C.byref(d))
        self._check(status, None, kept[1])
        return d.value

    def nsdiffs(self, y, m, **options):
        """Counts the differences y[t] - y[t - m] that make y's season stationary; as hw3_ndiffs, and 0 when m >= n. Missing values
        are interpolated for the test, as forecast does for HW3_SEASON_STRENGTH.
        ctx, y, n, opts: as in hw3_ndiffs.  m: at least 2.  d: receives the number.
        Returns: as hw3_ndiffs. Since 0.1.
        options: fields of hw3_diffs_opts: test, trend, season_test, max_d, max_season_d, alpha."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        opts, kept = _options(hw3_diffs_opts, _lib.hw3_diffs_opts_init, options, self)
        d = C.c_int64()
        status = _lib.hw3_nsdiffs(self, _address(y, C.c_double), n, m, C.byref(opts), C.byref(d))
        self._check(status, None, kept[1])
        return d.value

    def seasonal_strength(self, y, m):
        """Strength of the season [Wang06]: 1 - var(remainder) / var(seasonal + remainder) of an STL with s_window 11, 0 to 1.
        Missing values: interpolated for the STL, and left out of the variances.
        ctx: context.  y: [n].  n: more than 2 m.  m: at least 2.  strength: receives it.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (infinite; constant; all missing); HW3_ERR_NOMEM. Since 0.1."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        strength = C.c_double()
        status = _lib.hw3_seasonal_strength(self, _address(y, C.c_double), n, m, C.byref(strength))
        self._check(status)
        return strength.value

    def stl(self, y, m, **options):
        """Splits y into season, trend and remainder by loess [Cleveland90], as R's stl.
        ctx: context.  y: [n].  n: more than 2 m.  m: at least 2.  opts: NULL for the defaults.
        seasonal: [n].  trend: [n].  remainder: [n], y - seasonal - trend.  weights: [n], 1 where not robust; may be NULL.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE; HW3_ERR_NOMEM; HW3_ERR_ABI. Since 0.1.
        options: fields of hw3_stl_opts: robust, s_window, t_window, l_window, s_jump, t_jump, l_jump, s_degree, t_degree,
        l_degree, inner, outer."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        opts, kept = _options(hw3_stl_opts, _lib.hw3_stl_opts_init, options, self)
        seasonal = np.empty(max(0, n), np.float64)
        trend = np.empty(max(0, n), np.float64)
        remainder = np.empty(max(0, n), np.float64)
        weights = np.empty(max(0, n), np.float64)
        status = _lib.hw3_stl(self, _address(y, C.c_double), n, m, C.byref(opts), _address(seasonal, C.c_double), _address(trend, C.c_double), _address(remainder, C.c_double), _address(weights, C.c_double))
        self._check(status, None, kept[1])
        return seasonal, trend, remainder, weights

    def boxcox(self, y, lam):
        """Box-Cox transformation [Box64]: z = (sign(y) |y|^lam - 1) / lam, log y for lam = 0.
        ctx: context.  y: [n]; NaN stays NaN.  n: at least 0.  lam: finite.  z: [n], may be y.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (infinite; not positive where lam <= 0; z would be infinite). Since 0.1."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        z = np.empty(max(0, n), np.float64)
        status = _lib.hw3_boxcox(self, _address(y, C.c_double), n, lam, _address(z, C.c_double))
        self._check(status)
        return z

    def boxcox_invert(self, z, lam, variance=None):
        """Transforms back: the median, or with variance the mean y (1 + variance (1 - lam) / (2 y^(2 lam))) [Hyndman21].
        ctx: context.  z: [n]; NaN stays NaN.  n: at least 0.  lam: finite.
        variance: [n] of each z, not negative; NULL for medians.  y: [n], may be z.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (infinite; no y has this z, as lam z < -1 for lam < 0; y would be infinite).
        Since 0.1."""
        z = _array(z, 'z', np.float64)
        n = _length(z)
        variance = None if variance is None else _array(variance, 'variance', np.float64)
        y = np.empty(max(0, n), np.float64)
        _sized(variance, 'variance', n)
        status = _lib.hw3_boxcox_invert(self, _address(z, C.c_double), n, lam, _address(variance, C.c_double), _address(y, C.c_double))
        self._check(status)
        return y

    def boxcox_lambda(self, y, m, **options):
        """Chooses lam; 1 for a series of at most 2 m values. Missing values are left out.
        ctx: context.  y: [n].  n: at least 1.  m: seasonal period, 1 for none.  opts: NULL for the defaults.  lam: receives it.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (infinite; all missing; constant; not positive for HW3_LAMBDA_LOGLIK);
        HW3_ERR_NOMEM; HW3_ERR_ABI. Since 0.1.
        options: fields of hw3_lambda_opts: method, lower, upper."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        opts, kept = _options(hw3_lambda_opts, _lib.hw3_lambda_opts_init, options, self)
        lam = C.c_double()
        status = _lib.hw3_boxcox_lambda(self, _address(y, C.c_double), n, m, C.byref(opts), C.byref(lam))
        self._check(status, None, kept[1])
        return lam.value

    def diebold_mariano(self, e1, e2, **options):
        """Diebold-Mariano test [Diebold95] as modified by [Harvey97]: the hypothesis is that two forecasts lose the same. With
        d = |e1|^power - |e2|^power, mean(d) over its standard error from h - 1 autocovariances; as forecast's dm.test.
        ctx: context.  e1, e2: [n] errors.  n: at least 2.  opts: NULL for the defaults.
        out: begun with HW3_TEST_RESULT_INIT; negative where e1 loses less; df is n - 1.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (also a difference of losses that does not vary); HW3_ERR_NOMEM; HW3_ERR_ABI.
        Since 0.1.
        options: fields of hw3_dm_opts: better, horizon, power, bartlett."""
        e1 = _array(e1, 'e1', np.float64)
        e2 = _array(e2, 'e2', np.float64)
        n = _length(e1, e2)
        opts, kept = _options(hw3_dm_opts, _lib.hw3_dm_opts_init, options, self)
        out = hw3_test_result(struct_size=C.sizeof(hw3_test_result))
        status = _lib.hw3_diebold_mariano(self, _address(e1, C.c_double), _address(e2, C.c_double), n, C.byref(opts), C.byref(out))
        self._check(status, None, kept[1])
        return out

    def arima_fit(self, y, **options):
        """Fits a model of given orders.
        ctx: context.  y: [n], copied; NaN is missing.  n: at least 1.  opts: NULL for the defaults.  out: the fit.
        Returns: HW3_OK, also with info's converged or cov_ok 0; HW3_ERR_ARG (the message names the option; also xreg without n_xreg, lam
        without boxcox); HW3_ERR_VALUE (too few values for the parameters, an infinite value, a missing or dependent regressor, a start
        that is not stationary, no variation left); HW3_ERR_NOMEM; HW3_ERR_ABI. Since 0.1.
        options: fields of hw3_arima_opts: method, order, mean, drift, xreg, n_xreg, xreg_names, fixed, init, lam, boxcox,
        bias_adjust, unbiased, max_iterations."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        opts, kept = _options(hw3_arima_opts, _lib.hw3_arima_opts_init, options, self)
        out = C.c_void_p()
        status = _lib.hw3_arima_fit(self, _address(y, C.c_double), n, C.byref(opts), C.byref(out))
        result = Arima(out.value, self, True, (self, kept,), kept[1]) if out.value else None
        self._check(status, result, kept[1])
        return result

    def arima_load(self, path):
        """Loads a fit that forecasts, and goes on with new values, to the same bits.
        ctx: context.  path: a file of hw3_arima_save.  out: the fit.
        Returns: HW3_OK; HW3_ERR_IO; HW3_ERR_FORMAT (damaged, with what is wrong); HW3_ERR_VERSION; HW3_ERR_MISMATCH (not an ARIMA model);
        HW3_ERR_NOMEM; HW3_ERR_ARG. Since 0.1."""
        out = C.c_void_p()
        status = _lib.hw3_arima_load(self, None if path is None else os.fsencode(path), C.byref(out))
        self._check(status)
        return Arima(out.value, self, True, (self,))

    def arima_fit_many(self, y, lengths, n_coef, **options):
        """Fits one model to many series on all threads, to the bits of hw3_arima_fit for each. Memory: one workspace a thread.
        ctx: context.  y: [sum of lengths] series after series, NaN is missing.  lengths: [n_series], each at least 1.
        n_series: how many, at least 1.  opts: without regressors; NULL for the defaults.
        n_coef: coefficients of the model: p + q + P + Q, one more with a mean, one more with a drift.
        coef: [n_series, n_coef].  loglik: [n_series].  sigma2: [n_series].  converged: [n_series] as in hw3_arima_info.
        statuses: [n_series] what hw3_arima_fit would return; where it is not HW3_OK, the numbers of that series are NaN.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_SHAPE (n_coef is another); HW3_ERR_NOMEM; HW3_ERR_ABI. Since 0.1.
        options: fields of hw3_arima_opts: method, order, mean, drift, xreg, n_xreg, xreg_names, fixed, init, lam, boxcox,
        bias_adjust, unbiased, max_iterations."""
        y = _array(y, 'y', np.float64)
        lengths = _array(lengths, 'lengths', np.int64)
        n_series = _length(lengths)
        opts, kept = _options(hw3_arima_opts, _lib.hw3_arima_opts_init, options, self)
        coef = np.empty((max(0, n_series), max(0, n_coef)), np.float64)
        loglik = np.empty(max(0, n_series), np.float64)
        sigma2 = np.empty(max(0, n_series), np.float64)
        converged = np.empty(max(0, n_series), np.int32)
        statuses = np.empty(max(0, n_series), np.int32)
        _sized(y, 'y', int(lengths.sum()))
        status = _lib.hw3_arima_fit_many(self, _address(y, C.c_double), _address(lengths, C.c_int64), n_series, C.byref(opts), n_coef, _address(coef, C.c_double), _address(loglik, C.c_double), _address(sigma2, C.c_double), _address(converged, C.c_int32), _address(statuses, C.c_int32))
        self._check(status, None, kept[1])
        return coef, loglik, sigma2, converged, statuses

    def fourier(self, period, n, start, n_columns):
        """Gives Fourier terms, regressors for a long season: sin and cos of 2 pi k t / period for k = 1, 2, ..., at t = start + 1, ...,
        start + n; the sine is left out where 2 k is the period, being 0.
        ctx: context.  period: above 1, need not be whole.  n: rows, at least 1.  start: values before the first row, 0 for the first.
        n_columns: 2 K for K frequencies; where 2 K is the period, 2 K - 1; at most the period.
        out: [n, n_columns].
        Returns: HW3_OK; HW3_ERR_ARG. Since 0.1."""
        out = np.empty((max(0, n), max(0, n_columns)), np.float64)
        status = _lib.hw3_fourier(self, period, n, start, n_columns, _address(out, C.c_double))
        self._check(status)
        return out

    def arima_auto(self, y, **options):
        """Finds the orders of a model and fits it. A series that is constant, at once or after differencing, has its model without a
        search; where that leaves nothing to explain, sigma2 is 0 and loglik infinite.
        ctx: context.  y: [n], copied; NaN is missing.  n: at least 1.  opts: NULL for the defaults.  out: the fit.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (infinite; all missing; too few values; a missing or dependent regressor; no
        candidate is eligible); HW3_ERR_CANCELLED; HW3_ERR_NOMEM; HW3_ERR_ABI. Since 0.1.
        options: fields of hw3_arima_auto_opts: ic, period, d, D, max_p, max_q, max_P, max_Q, max_order, max_d, max_D, start_p,
        start_q, start_P, start_Q, stationary, seasonal, allow_mean, allow_drift, stepwise, n_models, approximation, truncate,
        method, test, trend, season_test, alpha, xreg, n_xreg, xreg_names, lam, boxcox, bias_adjust, unbiased, max_iterations,
        progress."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        opts, kept = _options(hw3_arima_auto_opts, _lib.hw3_arima_auto_opts_init, options, self)
        out = C.c_void_p()
        with self._interruptible(kept[1]):
            status = _lib.hw3_arima_auto(self, _address(y, C.c_double), n, C.byref(opts), C.byref(out))
        result = Arima(out.value, self, True, (self, kept,), kept[1]) if out.value else None
        self._check(status, result, kept[1])
        return result

    def sampler_create(self, seed):
        """Makes a chain without a step.
        ctx: context.  seed: of the draws.  out: the sampler.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1."""
        out = C.c_void_p()
        status = _lib.hw3_sampler_create(self, seed, C.byref(out))
        self._check(status)
        return Sampler(out.value, self, True, (self,))

    def logprobs(self, logits, token, n_top):
        """Tells the model's own log-probabilities, log softmax(logits), of one token and of the likeliest ones.
        ctx: context.  logits: [n_vocab], finite or -infinity.  n_vocab: at least 1.  token: 0 to n_vocab - 1.
        logprob: receives that of token.  n_top: 0 to n_vocab.  top: [n_top], receives the likeliest tokens, in falling order.
        top_logprobs: [n_top], receives theirs.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (a logit that is not a number or +infinity, all are -infinity). Since 0.1."""
        logits = _array(logits, 'logits', np.float32)
        n_vocab = _length(logits)
        logprob = C.c_double()
        top = np.empty(max(0, n_top), np.int64)
        top_logprobs = np.empty(max(0, n_top), np.float64)
        status = _lib.hw3_logprobs(self, _address(logits, C.c_float), n_vocab, token, C.byref(logprob), n_top, _address(top, C.c_int64), _address(top_logprobs, C.c_double))
        self._check(status)
        return logprob.value, top, top_logprobs

    def tokenizer_open(self, path):
        """Reads a tokenizer.json.
        ctx: context.  path: the file, or a folder with a tokenizer.json, or with vocab.json and merges.txt, or with BERT's vocab.txt;
        there also tokenizer_config.json is read where it is: vocab.json and merges.txt are GPT-2's or Qwen 2's by its tokenizer_class
        (others are HW3_ERR_UNSUPPORTED; hw3_tokenizer_open_bpe takes a pattern), GPT-2's without it.
        out: the tokenizer.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_IO; HW3_ERR_FORMAT (what is damaged, and where; a number that two tokens have; a merge of
        tokens that are not there); HW3_ERR_UNSUPPORTED (a part that is not known, by its name); HW3_ERR_NOMEM. Since 0.1."""
        out = C.c_void_p()
        status = _lib.hw3_tokenizer_open(self, None if path is None else os.fsencode(path), C.byref(out))
        self._check(status)
        return Tokenizer(out.value, self, True, (self,))

    def tokenizer_open_bpe(self, vocab, merges, pattern):
        """Reads byte-level BPE from vocab.json and merges.txt.
        ctx: context.  vocab: path of an object of texts and their numbers.  merges: path of lines of two texts.
        pattern: one of HW3_PATTERN_.  out: the tokenizer.
        Returns: as hw3_tokenizer_open. Since 0.1."""
        out = C.c_void_p()
        status = _lib.hw3_tokenizer_open_bpe(self, None if vocab is None else os.fsencode(vocab), None if merges is None else os.fsencode(merges), _constant('hw3_pattern', pattern), C.byref(out))
        self._check(status)
        return Tokenizer(out.value, self, True, (self,))

    def forecaster_create(self, **options):
        """Makes a forecaster with initial weights, not yet trained; its scaler is fitted by hw3_forecaster_train.
        ctx: context.  opts: NULL for the defaults.  out: the forecaster.
        Returns: HW3_OK; HW3_ERR_ARG (the message names the option); HW3_ERR_ABI; HW3_ERR_NOMEM. Since 0.1.
        options: fields of hw3_forecaster_opts: cell, window, hidden, n_layers, n_epochs, batch, lr, dropout, val_share,
        clip_norm, loss, scale, patience, shuffle, seed, checkpoint, progress."""
        opts, kept = _options(hw3_forecaster_opts, _lib.hw3_forecaster_opts_init, options, self)
        out = C.c_void_p()
        status = _lib.hw3_forecaster_create(self, C.byref(opts), C.byref(out))
        result = Forecaster(out.value, self, True, (self, kept,), kept[1]) if out.value else None
        self._check(status, result, kept[1])
        return result

    def forecaster_fit(self, y, **options):
        """Makes and trains: hw3_forecaster_create and hw3_forecaster_train with opts->n_epochs.
        ctx, opts: as in hw3_forecaster_create.  y, n: as in hw3_forecaster_train.
        out: the forecaster; also on HW3_ERR_CANCELLED, as far as it got.
        Returns: as both. Since 0.1.
        options: fields of hw3_forecaster_opts: cell, window, hidden, n_layers, n_epochs, batch, lr, dropout, val_share,
        clip_norm, loss, scale, patience, shuffle, seed, checkpoint, progress."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        opts, kept = _options(hw3_forecaster_opts, _lib.hw3_forecaster_opts_init, options, self)
        out = C.c_void_p()
        with self._interruptible(kept[1]):
            status = _lib.hw3_forecaster_fit(self, _address(y, C.c_double), n, C.byref(opts), C.byref(out))
        result = Forecaster(out.value, self, True, (self, kept,), kept[1]) if out.value else None
        self._check(status, result, kept[1])
        return result

    def forecaster_load(self, path):
        """Reads such a file; the forecaster forecasts, and goes on training, with the same bits as the one that was saved.
        ctx: context.  path: the file.  out: the forecaster.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_IO; HW3_ERR_FORMAT (damaged, or a weight is not finite); HW3_ERR_VERSION;
        HW3_ERR_MISMATCH (not a forecaster's file); HW3_ERR_NOMEM. Since 0.1."""
        out = C.c_void_p()
        status = _lib.hw3_forecaster_load(self, None if path is None else os.fsencode(path), C.byref(out))
        self._check(status)
        return Forecaster(out.value, self, True, (self,))


class Tensor(_Object):
    """A tensor, or a view of one."""
    _destroy = _lib.hw3_tensor_destroy

    def dtype(self):
        """Tells the element type.
        tensor: a tensor.
        Returns: the type; HW3_ERR_ARG when tensor is NULL. Since 0.1."""
        return _lib.hw3_tensor_dtype(self)

    def n_dims(self):
        """Tells the number of dimensions.
        tensor: a tensor.
        Returns: 0 to HW3_MAX_DIMS; HW3_ERR_ARG when tensor is NULL. Since 0.1."""
        return _lib.hw3_tensor_n_dims(self)

    def size(self, dim):
        """Tells the length of one dimension.
        tensor: a tensor.  dim: from 0; negative counts from the last.
        Returns: the length; HW3_ERR_ARG when there is no such dimension. Since 0.1."""
        return _lib.hw3_tensor_size(self, dim)

    def stride(self, dim):
        """Tells the stride of one dimension.
        tensor: a tensor.  dim: as in hw3_tensor_size.
        Returns: the stride in elements; 0 when there is no such dimension. Since 0.1."""
        return _lib.hw3_tensor_stride(self, dim)

    def n_elements(self):
        """Tells the number of elements.
        tensor: a tensor.
        Returns: the product of the shape; HW3_ERR_ARG when tensor is NULL. Since 0.1."""
        return _lib.hw3_tensor_n_elements(self)

    def slice(self, dim, start, stop, step):
        """Makes a view of a range of one dimension.
        tensor: source.  dim: as in hw3_tensor_size.  start, stop: half-open range, 0 <= start <= stop <= size.  step: at least 1.
        out: the view.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_SHAPE (range outside); HW3_ERR_NOMEM. Since 0.1."""
        out = C.c_void_p()
        status = _lib.hw3_tensor_slice(self, dim, start, stop, step, C.byref(out))
        self._check(status)
        return Tensor(out.value, self._ctx, True, (self,))

    def reshape(self, shape):
        """Makes a view of another shape.
        tensor: a tensor whose elements lie in row-major order without gaps.
        n_dims, shape: the same number of elements; one length may be -1.
        out: the view.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_SHAPE; HW3_ERR_UNSUPPORTED (not contiguous); HW3_ERR_NOMEM. Since 0.1."""
        shape = tuple(shape)
        out = C.c_void_p()
        status = _lib.hw3_tensor_reshape(self, len(shape), (C.c_int64 * len(shape))(*shape), C.byref(out))
        self._check(status)
        return Tensor(out.value, self._ctx, True, (self,))

    def transpose(self, dim_a, dim_b):
        """Makes a view with two dimensions exchanged.
        tensor: source.  dim_a, dim_b: as in hw3_tensor_size.  out: the view.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1."""
        out = C.c_void_p()
        status = _lib.hw3_tensor_transpose(self, dim_a, dim_b, C.byref(out))
        self._check(status)
        return Tensor(out.value, self._ctx, True, (self,))


class Params(_Object):
    """A set of named parameters."""
    _destroy = _lib.hw3_params_destroy

    def add(self, name, dtype, shape, init):
        """Adds a parameter.
        params: the set.  name: UTF-8, 1 to 200 bytes, not yet used.  dtype: HW3_F32 or HW3_F64.
        n_dims, shape: as in hw3_tensor_create.
        init: one of HW3_INIT_.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NAME (repeated, or "__metadata__"); HW3_ERR_DTYPE; HW3_ERR_SHAPE;
        HW3_ERR_NOMEM. Since 0.1."""
        shape = tuple(shape)
        status = _lib.hw3_params_add(self, None if name is None else os.fsencode(name), dtype, len(shape), (C.c_int64 * len(shape))(*shape), _constant('hw3_init', init))
        self._check(status)

    def n(self):
        """Tells how many parameters there are.
        params: the set.
        Returns: the number; HW3_ERR_ARG when params is NULL. Since 0.1."""
        return _lib.hw3_params_n(self)

    def n_elements(self):
        """Tells how many numbers all parameters hold.
        params: the set.
        Returns: the number; HW3_ERR_ARG when params is NULL. Since 0.1."""
        return _lib.hw3_params_n_elements(self)

    def name(self, index):
        """Gives the name of a parameter.
        params: the set.  index: 0 to n - 1, in the order of adding.
        Returns: the name, valid as long as the set; NULL when there is no such index. Since 0.1."""
        return (_lib.hw3_params_name(self, index) or b"").decode()

    def value(self, name):
        """Gives the values of a parameter; writing to them is allowed between graph steps.
        params: the set.  name: its name.  out: borrowed, valid as long as the set; do not destroy.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NAME (the message lists a near name). Since 0.1."""
        out = C.c_void_p()
        status = _lib.hw3_params_value(self, None if name is None else os.fsencode(name), C.byref(out))
        self._check(status)
        return Tensor(out.value, self._ctx, False, (self,))

    def grad(self, name):
        """Gives the gradient of a parameter, as the last hw3_graph_backward left it; zeros for a frozen one.
        params, name, out: as in hw3_params_value.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NAME; HW3_ERR_NOMEM (its memory is taken when it is first needed). Since 0.1."""
        out = C.c_void_p()
        status = _lib.hw3_params_grad(self, None if name is None else os.fsencode(name), C.byref(out))
        self._check(status)
        return Tensor(out.value, self._ctx, False, (self,))

    def set_trainable(self, name, trainable):
        """Says whether a parameter is trained; a frozen one has no gradient and is not changed by an optimizer.
        params: the set.  name: its name.  trainable: 0 or 1.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NAME. Since 0.1."""
        status = _lib.hw3_params_set_trainable(self, None if name is None else os.fsencode(name), trainable)
        self._check(status)

    def save(self, path):
        """Writes all values to a safetensors file [Safetensors], atomically: a failure leaves an older file as it was.
        params: the set.  path: the file.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (a value is not finite); HW3_ERR_IO; HW3_ERR_NOMEM. Since 0.1."""
        status = _lib.hw3_params_save(self, None if path is None else os.fsencode(path))
        self._check(status)

    def load(self, path):
        """Reads all values from a safetensors file; the set is changed only when every name and shape fits.
        params: the set.  path: the file; F32 and F64 are converted where they differ.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_IO; HW3_ERR_FORMAT (damaged, or a value is not finite);
        HW3_ERR_MISMATCH (a name or shape differs);
        HW3_ERR_UNSUPPORTED (an element type that is none of ours); HW3_ERR_NOMEM. Since 0.1."""
        status = _lib.hw3_params_load(self, None if path is None else os.fsencode(path))
        self._check(status)

    def optim_create(self, **options):
        """Makes an optimizer for all parameters that are trainable now.
        params: the set.  opts: NULL for the defaults.  out: the optimizer.
        Returns: HW3_OK; HW3_ERR_ARG (the message names the option); HW3_ERR_ABI; HW3_ERR_NOMEM. Since 0.1.
        options: fields of hw3_optim_opts: kind, lr, momentum, beta1, beta2, eps, weight_decay, clip_norm, clip_value, nesterov,
        schedule, warmup_steps, period, total_steps, gamma, lr_min."""
        opts, kept = _options(hw3_optim_opts, _lib.hw3_optim_opts_init, options, self)
        out = C.c_void_p()
        status = _lib.hw3_optim_create(self, C.byref(opts), C.byref(out))
        result = Optim(out.value, self._ctx, True, (self, kept,), kept[1]) if out.value else None
        self._check(status, result, kept[1])
        return result

    def rnn_create(self, prefix, **options):
        """Makes a recurrent layer and adds its parameters, uniform in +-1 / sqrt(n_hidden) as in PyTorch.
        params: the set.  prefix: start of the parameters' names, "" for none.  opts: the options, not NULL.  out: the layer.
        Returns: HW3_OK; HW3_ERR_ARG (the message names the option); HW3_ERR_NAME (a name is taken); HW3_ERR_ABI;
        HW3_ERR_NOMEM. Since 0.1.
        options: fields of hw3_rnn_opts: cell, n_inputs, n_hidden, n_layers, bidirectional, dropout, dtype, learned_state,
        layer_norm, reset_before, glass_box."""
        opts, kept = _options(hw3_rnn_opts, _lib.hw3_rnn_opts_init, options, self)
        out = C.c_void_p()
        status = _lib.hw3_rnn_create(self, None if prefix is None else os.fsencode(prefix), C.byref(opts), C.byref(out))
        result = Rnn(out.value, self._ctx, True, (self, kept,), kept[1]) if out.value else None
        self._check(status, result, kept[1])
        return result

    def trainer_create(self, optim, **options):
        """Makes a trainer.
        params: the weights.  optim: an optimizer of them.  opts: NULL for the defaults; strings are copied.  out: the trainer.
        Returns: HW3_OK; HW3_ERR_ARG (the message names the option); HW3_ERR_ABI; HW3_ERR_NOMEM. Since 0.1.
        options: fields of hw3_trainer_opts: n_epochs, batch, val_share, patience, shuffle, seed, checkpoint, checkpoint_steps,
        progress."""
        opts, kept = _options(hw3_trainer_opts, _lib.hw3_trainer_opts_init, options, self)
        out = C.c_void_p()
        status = _lib.hw3_trainer_create(self, optim, C.byref(opts), C.byref(out))
        result = Trainer(out.value, self._ctx, True, (self, optim, kept,), kept[1]) if out.value else None
        self._check(status, result, kept[1])
        return result


class Graph(_Object):
    """A graph."""
    _destroy = _lib.hw3_graph_destroy

    def begin(self):
        """Forgets all values and starts a new step.
        graph: a graph.
        Returns: HW3_OK; HW3_ERR_ARG. Since 0.1."""
        status = _lib.hw3_graph_begin(self)
        self._check(status)

    def set_training(self, training):
        """Switches training behaviour: dropout acts, and values for backward are kept. On in a new graph.
        graph: a graph.  training: 0 or 1.
        Returns: HW3_OK; HW3_ERR_ARG. Since 0.1."""
        status = _lib.hw3_graph_set_training(self, training)
        self._check(status)

    def set_random(self, seed, step):
        """Sets where dropout draws from: the same seed and step give the same masks [Salmon11].
        graph: a graph.  seed: stream.  step: position, for instance the number of the training step.
        Returns: HW3_OK; HW3_ERR_ARG. Since 0.1."""
        status = _lib.hw3_graph_set_random(self, seed, step)
        self._check(status)

    def backward(self, loss):
        """Computes the gradient of loss with respect to every value that needs one; parameter gradients are overwritten.
        graph: a graph.  loss: a value with one element.
        Returns: HW3_OK; the status that loss carries; HW3_ERR_ARG; HW3_ERR_SHAPE (not one element);
        HW3_ERR_STATE (not training, or a second time); HW3_ERR_NOMEM. Since 0.1."""
        status = _lib.hw3_graph_backward(self, loss)
        self._check(status)

    def backward_from(self, y, gradient):
        """As hw3_graph_backward, from a value of any shape whose own gradient the caller knows: of L = sum(y gradient).
        graph: a graph.  y: a value that is no parameter.  gradient: dL/dy, of y's shape and type.
        Returns: as hw3_graph_backward; HW3_ERR_SHAPE (another shape or type). Since 0.1."""
        status = _lib.hw3_graph_backward_from(self, y, gradient)
        self._check(status)

    def accumulate(self, loss):
        """As hw3_graph_backward, but adds to the parameter gradients: for batches larger than memory.
        graph, loss: as there.
        Returns: as there. Since 0.1."""
        status = _lib.hw3_graph_accumulate(self, loss)
        self._check(status)

    def var_item(self, var):
        """Reads a value of one element, of either floating type.
        graph: a graph.  var: a value.  value: receives it.
        Returns: HW3_OK; the status that var carries; HW3_ERR_ARG; HW3_ERR_SHAPE (not one element). Since 0.1."""
        value = C.c_double()
        status = _lib.hw3_var_item(self, var, C.byref(value))
        self._check(status)
        return value.value

    def input(self, tensor):
        """Brings a tensor into the graph; contiguous memory is used in place, so it must not change before the step ends.
        graph: a graph.  tensor: a tensor; it gets no gradient.
        Returns: the value; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1."""
        status = _lib.hw3_input(self, tensor)
        return self._check(status)

    def input_grad(self, tensor):
        """As hw3_input, but with a gradient, to be read by hw3_var_read_grad.
        graph: a graph.  tensor: HW3_F32 or HW3_F64.
        Returns: the value; HW3_ERR_ARG; HW3_ERR_DTYPE; HW3_ERR_NOMEM. Since 0.1."""
        status = _lib.hw3_input_grad(self, tensor)
        return self._check(status)

    def scalar(self, dtype, value):
        """Brings one number into the graph.
        graph: a graph.  dtype: HW3_F32 or HW3_F64.  value: the number.
        Returns: a value of shape []; HW3_ERR_ARG; HW3_ERR_DTYPE; HW3_ERR_NOMEM. Since 0.1."""
        status = _lib.hw3_scalar(self, dtype, value)
        return self._check(status)

    def param(self, name):
        """Brings a parameter into the graph, in place.
        graph: a graph made with parameters.  name: the parameter's name.
        Returns: the value; HW3_ERR_ARG; HW3_ERR_NAME; HW3_ERR_STATE (the graph has none); HW3_ERR_NOMEM. Since 0.1."""
        status = _lib.hw3_param(self, None if name is None else os.fsencode(name))
        return self._check(status)

    def gradcheck(self, loss, **options):
        """Compares the gradients of a loss with central differences, in the parameters of the graph (all HW3_F64).
        g ~ (L(x + e) - L(x - e)) / 2e; the mismatch is judged against |g| and the curvature (L(x + e) - 2 L(x) + L(x - e)) / e seen
        in the same evaluations.
        graph: made with parameters.  loss: builds the loss.  user: handed to it.  opts: NULL for the defaults.
        worst: receives the largest relative error; may be NULL.
        name: receives the parameter that has it, borrowed from the set; may be NULL.
        Returns: HW3_OK when all pass; HW3_ERR_VALUE when one does not (the message names parameter, index and both numbers);
        HW3_ERR_DTYPE; HW3_ERR_SHAPE (the loss is not one element); HW3_ERR_STATE (no parameters, not training, or the loss is
        not the same twice); HW3_ERR_ARG; HW3_ERR_ABI; HW3_ERR_NOMEM; what loss returns. Since 0.1.
        options: fields of hw3_gradcheck_opts: n_samples, step, tolerance, seed."""
        loss = _Callback(hw3_loss_fn, loss, lambda g: (self,))
        opts, kept = _options(hw3_gradcheck_opts, _lib.hw3_gradcheck_opts_init, options, self)
        worst = C.c_double()
        name = C.c_char_p()
        with self._interruptible((loss,)):
            status = _lib.hw3_gradcheck(self, loss.function, None, C.byref(opts), C.byref(worst), C.byref(name))
        self._check(status, None, (loss,))
        return worst.value, (name.value or b"").decode()

    def add(self, a, b):
        """Adds: a + b.  graph; a, b: broadcast.  Returns: the value or a status. Since 0.1."""
        status = _lib.hw3_add(self, a, b)
        return self._check(status)

    def sub(self, a, b):
        """Subtracts: a - b.  graph; a, b: broadcast.  Returns: the value or a status. Since 0.1."""
        status = _lib.hw3_sub(self, a, b)
        return self._check(status)

    def mul(self, a, b):
        """Multiplies by element: a b.  graph; a, b: broadcast.  Returns: the value or a status. Since 0.1."""
        status = _lib.hw3_mul(self, a, b)
        return self._check(status)

    def div(self, a, b):
        """Divides by element: a / b.  graph; a, b: broadcast.  Returns: the value or a status. Since 0.1."""
        status = _lib.hw3_div(self, a, b)
        return self._check(status)

    def affine(self, a, alpha, beta):
        """Scales and shifts: alpha a + beta.  graph; a: any shape; alpha, beta: numbers.  Returns: the value or a status. Since 0.1."""
        status = _lib.hw3_affine(self, a, alpha, beta)
        return self._check(status)

    def matmul(self, a, b):
        """Multiplies matrices: [.., m, k] x [.., k, n] -> [.., m, n].  graph; a, b: at least two dimensions, the leading ones broadcast.
        Returns: the value or a status. Since 0.1."""
        status = _lib.hw3_matmul(self, a, b)
        return self._check(status)

    def linear(self, x, weight, bias):
        """Linear layer: x w' + b.  graph; x: [.., n_in]; weight: [n_out, n_in]; bias: [n_out] or HW3_NONE.
        Returns: [.., n_out] or a status. Since 0.1."""
        status = _lib.hw3_linear(self, x, weight, bias)
        return self._check(status)

    def sum(self, a, dim, keep_dim):
        """Sums.  graph; a: any shape; dim: one dimension or HW3_ALL_DIMS; keep_dim: 1 leaves it with length 1.
        Returns: the value or a status. Since 0.1."""
        status = _lib.hw3_sum(self, a, dim, keep_dim)
        return self._check(status)

    def mean(self, a, dim, keep_dim):
        """Means.  graph; a, dim, keep_dim: as in hw3_sum.  Returns: the value or a status. Since 0.1."""
        status = _lib.hw3_mean(self, a, dim, keep_dim)
        return self._check(status)

    def max(self, a, dim, keep_dim):
        """Greatest elements; the gradient goes to the first of equals.  graph; a, dim, keep_dim: as in hw3_sum, not empty.
        Returns: the value or a status. Since 0.1."""
        status = _lib.hw3_max(self, a, dim, keep_dim)
        return self._check(status)

    def softmax(self, a, dim):
        """Softmax: exp(a_i - max) / sum_j exp(a_j - max).  graph; a: any shape; dim: where it sums to one.
        Returns: the value or a status. Since 0.1."""
        status = _lib.hw3_softmax(self, a, dim)
        return self._check(status)

    def log_softmax(self, a, dim):
        """Log-softmax: a_i - max - log sum_j exp(a_j - max).  graph; a, dim: as in hw3_softmax.
        Returns: the value or a status. Since 0.1."""
        status = _lib.hw3_log_softmax(self, a, dim)
        return self._check(status)

    def tanh(self, a):
        """Hyperbolic tangent.  graph; a: any shape.  Returns: the value or a status. Since 0.1."""
        status = _lib.hw3_tanh(self, a)
        return self._check(status)

    def sigmoid(self, a):
        """Logistic sigmoid: 1 / (1 + exp(-a)).  graph; a: any shape.  Returns: the value or a status. Since 0.1."""
        status = _lib.hw3_sigmoid(self, a)
        return self._check(status)

    def relu(self, a):
        """Rectifier: max(a, 0).  graph; a: any shape.  Returns: the value or a status. Since 0.1."""
        status = _lib.hw3_relu(self, a)
        return self._check(status)

    def gelu(self, a):
        """Gaussian error linear unit: a (1 + erf(a / sqrt 2)) / 2 [Hendrycks16].  graph; a: any shape.
        Returns: the value or a status. Since 0.1."""
        status = _lib.hw3_gelu(self, a)
        return self._check(status)

    def gelu_tanh(self, a):
        """The same by tanh: a (1 + tanh(sqrt(2 / pi) (a + 0.044715 a^3))) / 2 [Hendrycks16].  graph; a: any shape.
        Returns: the value or a status. Since 0.1."""
        status = _lib.hw3_gelu_tanh(self, a)
        return self._check(status)

    def silu(self, a):
        """Sigmoid linear unit: a sigmoid(a) [Hendrycks16].  graph; a: any shape.  Returns: the value or a status. Since 0.1."""
        status = _lib.hw3_silu(self, a)
        return self._check(status)

    def exp(self, a):
        """Exponential.  graph; a: any shape.  Returns: the value or a status. Since 0.1."""
        status = _lib.hw3_exp(self, a)
        return self._check(status)

    def log(self, a):
        """Natural logarithm.  graph; a: any shape.  Returns: the value or a status. Since 0.1."""
        status = _lib.hw3_log(self, a)
        return self._check(status)

    def sqrt(self, a):
        """Square root.  graph; a: any shape.  Returns: the value or a status. Since 0.1."""
        status = _lib.hw3_sqrt(self, a)
        return self._check(status)

    def reshape(self, a, shape):
        """Gives another shape to the same elements.  graph; a: any shape; n_dims, shape: as many elements, one length may be -1.
        Returns: the value or a status. Since 0.1."""
        shape = tuple(shape)
        status = _lib.hw3_reshape(self, a, len(shape), (C.c_int64 * len(shape))(*shape))
        return self._check(status)

    def transpose(self, a, dim_a, dim_b):
        """Exchanges two dimensions.  graph; a: any shape; dim_a, dim_b: which.  Returns: the value or a status. Since 0.1."""
        status = _lib.hw3_transpose(self, a, dim_a, dim_b)
        return self._check(status)

    def slice(self, a, dim, start, stop):
        """Takes a range of one dimension.  graph; a: any shape; dim: which; start, stop: half-open range.
        Returns: the value or a status. Since 0.1."""
        status = _lib.hw3_slice(self, a, dim, start, stop)
        return self._check(status)

    def concat(self, vars, dim):
        """Joins values along one dimension.  graph; vars: [n_vars], equal but for dim; n_vars: at least 1; dim: which.
        Returns: the value or a status. Since 0.1."""
        vars = _array(vars, 'vars', np.int32)
        n_vars = _length(vars)
        status = _lib.hw3_concat(self, _address(vars, C.c_int32), n_vars, dim)
        return self._check(status)

    def gather(self, a, index, dim):
        """Picks elements: y[i][j] = a[index[i][j]][j] for dim 0 and so on.
        graph; a: any shape; index: HW3_I64, as a but for dim, each within it; dim: which.
        Returns: a value of index's shape, or a status (HW3_ERR_VALUE: an index outside). Since 0.1."""
        status = _lib.hw3_gather(self, a, index, dim)
        return self._check(status)

    def embedding(self, weight, index):
        """Looks rows up: y[..] = weight[index[..]].  graph; weight: [n_rows, n]; index: HW3_I64, each in 0 .. n_rows - 1.
        Returns: [.., n] or a status (HW3_ERR_VALUE: an index outside). Since 0.1."""
        status = _lib.hw3_embedding(self, weight, index)
        return self._check(status)

    def dropout(self, a, p):
        """Drops elements with probability p and scales the others by 1 / (1 - p); does nothing outside training [Srivastava14].
        graph; a: any shape; p: 0 <= p < 1.  Returns: the value or a status. Since 0.1."""
        status = _lib.hw3_dropout(self, a, p)
        return self._check(status)

    def layer_norm(self, x, gamma, beta, eps):
        """Layer normalisation over the last dimension: (x - mean) / sqrt(var + eps) * gamma + beta, var with divisor n [Ba16].
        graph; x: [.., n]; gamma, beta: [n] or HW3_NONE; eps: > 0.  Returns: the value or a status. Since 0.1."""
        status = _lib.hw3_layer_norm(self, x, gamma, beta, eps)
        return self._check(status)

    def rms_norm(self, x, gamma, eps):
        """Normalisation by the root of the mean square over the last dimension: x / sqrt(mean x^2 + eps) * gamma [Zhang19].
        graph; x: [.., n]; gamma: [n] or HW3_NONE; eps: > 0.  Returns: the value or a status. Since 0.1."""
        status = _lib.hw3_rms_norm(self, x, gamma, eps)
        return self._check(status)

    def mse(self, y, target):
        """Mean squared error: mean (y - t)^2.  graph; y, target: the same shape.  Returns: [] or a status. Since 0.1."""
        status = _lib.hw3_mse(self, y, target)
        return self._check(status)

    def mae(self, y, target):
        """Mean absolute error: mean |y - t|.  graph; y, target: the same shape.  Returns: [] or a status. Since 0.1."""
        status = _lib.hw3_mae(self, y, target)
        return self._check(status)

    def huber(self, y, target, delta):
        """Huber loss: mean of e^2 / 2 where |e| <= delta, else delta (|e| - delta / 2) [Huber64].
        graph; y, target: the same shape; delta: > 0.
        Returns: [] or a status. Since 0.1."""
        status = _lib.hw3_huber(self, y, target, delta)
        return self._check(status)

    def bce_logits(self, logits, target):
        """Binary cross entropy on logits: mean of max(x, 0) - x t + log(1 + exp(-|x|)).
        graph; logits, target: the same shape, target in 0 .. 1.
        Returns: [] or a status. Since 0.1."""
        status = _lib.hw3_bce_logits(self, logits, target)
        return self._check(status)

    def cross_entropy(self, logits, target, ignore, smoothing):
        """Cross entropy on logits: mean over rows of -sum_c q_c log softmax(x)_c, q = (1 - s) onehot + s / n_classes [Szegedy16].
        graph; logits: [.., n_classes]; target: HW3_I64, the leading shape; ignore: rows with this target do not count;
        smoothing: 0 <= s < 1.
        Returns: [], 0 when no row counts, or a status (HW3_ERR_VALUE: a target outside). Since 0.1."""
        status = _lib.hw3_cross_entropy(self, logits, target, ignore, smoothing)
        return self._check(status)

    def linear_cross_entropy(self, x, weight, bias, target, ignore, smoothing):
        """Cross entropy of a linear layer: hw3_cross_entropy of x weight' + bias, whose logits are never all in memory.
        graph; x: [.., n]; weight: [n_classes, n]; bias: [n_classes] or HW3_NONE; target, ignore, smoothing: as in hw3_cross_entropy,
        target of x's leading shape.
        Returns: [], 0 when no row counts, or a status (HW3_ERR_VALUE: a target outside). Since 0.1."""
        status = _lib.hw3_linear_cross_entropy(self, x, weight, bias, target, ignore, smoothing)
        return self._check(status)

    def attention(self, q, k, v, **options):
        """Attention: o_i = sum_j p_ij v_j, p_i = softmax_j(scale q_i . k_j + bias_ij) over the keys that query i sees [Vaswani17].
        A query that sees no key gives 0. Head h of q reads head h / (heads / kv_heads) of k and v.
        graph; q: [B, Tq, heads, D]; k: [B, Tk, kv_heads, D], heads a multiple of kv_heads; v: [B, Tk, kv_heads, Dv];
        opts: NULL for the defaults.
        Returns: [B, Tq, heads, Dv], or a status as in ops.h (HW3_ERR_VALUE: a length; HW3_ERR_ABI: opts). Since 0.1.
        options: fields of hw3_attention_opts: causal, scale, dropout, window, prefix, offset, bias, slopes, lengths."""
        opts, kept = _options(hw3_attention_opts, _lib.hw3_attention_opts_init, options, self)
        status = _lib.hw3_attention(self, q, k, v, C.byref(opts))
        return self._check(status, None, kept[1])

    def attention_weights(self, attention, sequence, head):
        """Tells the weights of one head, computed anew from what attention kept; before dropout.
        graph: a graph.  attention: a value of hw3_attention.  sequence: 0 to B - 1.  head: 0 to heads - 1.
        weights: [Tq, Tk], receives p; 0 for a key that is not seen.
        Returns: HW3_OK; the status that attention carries; HW3_ERR_ARG. Since 0.1."""
        weights = np.empty((max(0, Tq), max(0, Tk)), np.float64)
        status = _lib.hw3_attention_weights(self, attention, sequence, head, _address(weights, C.c_double))
        self._check(status)
        return weights

    def attention_entropy(self, attention):
        """Tells how spread the weights of every query are: H_i = -sum_j p_ij log p_ij, in nats, from 0 to log Tk [Shannon48].
        graph: a graph.  attention: a value of hw3_attention.  entropy: [B, heads, Tq], receives H.
        Returns: HW3_OK; the status that attention carries; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1."""
        entropy = np.empty((max(0, B), max(0, heads), max(0, Tq)), np.float64)
        status = _lib.hw3_attention_entropy(self, attention, _address(entropy, C.c_double))
        self._check(status)
        return entropy

    def rope(self, x, positions, **options):
        """Rotary positions: turns each pair (a, b) of a vector at position p by the angle p f_i, to
        (a cos - b sin, b cos + a sin), so that products of queries and keys tell their distance alone [Su21].
        graph; x: [B, T, heads, D]; positions: HW3_I64 [B, T] or [T]; opts: NULL for the defaults.
        Returns: the value, or a status as in ops.h (HW3_ERR_ARG: an odd number of dimensions; HW3_ERR_ABI: opts). Since 0.1.
        options: fields of hw3_rope_opts: interleaved, base, n_dims, scaling, factor, original_context, beta_fast, beta_slow,
        attention_factor."""
        opts, kept = _options(hw3_rope_opts, _lib.hw3_rope_opts_init, options, self)
        status = _lib.hw3_rope(self, x, positions, C.byref(opts))
        return self._check(status, None, kept[1])

    def sinusoids(self, positions, n_dims, dtype):
        """Sinusoidal positions, to be added to embeddings: elements 2 i and 2 i + 1 of position p are the sine and the cosine of
        p 10000^(-2 i / n_dims) [Vaswani17].
        graph; positions: HW3_I64 [T] or [B, T]; n_dims: even; dtype: HW3_F32 or HW3_F64.
        Returns: [T, n_dims] or [B, T, n_dims], without a gradient, or a status as in ops.h. Since 0.1."""
        status = _lib.hw3_sinusoids(self, positions, n_dims, dtype)
        return self._check(status)

    def gaussian_positions(self, queries, keys, centers, sharpness):
        """Relative positions in two dimensions, as a bias for hw3_attention: for a key at offset d = key - query head h has
        -sharpness_h (|d|^2 - 2 center_h . d), which after the softmax is a Gaussian hill around center_h [Cordonnier20].
        graph; queries: [Tq, 2], row and column of each; keys: [Tk, 2]; centers: [heads, 2]; sharpness: [heads].
        Returns: [1, heads, Tq, Tk], with gradients of all four, or a status as in ops.h. Since 0.1."""
        status = _lib.hw3_gaussian_positions(self, queries, keys, centers, sharpness)
        return self._check(status)


class Optim(_Object):
    """An optimizer and its moments."""
    _destroy = _lib.hw3_optim_destroy

    def set_group(self, prefix, lr, weight_decay):
        """Gives a group of parameters, chosen by the start of their names, a learning rate and decay of its own; a later group wins.
        optim: the optimizer.  prefix: such as "encoder."; must match a trained parameter.  lr: its base rate.
        weight_decay: its penalty.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NAME (matches nothing). Since 0.1."""
        status = _lib.hw3_optim_set_group(self, None if prefix is None else os.fsencode(prefix), lr, weight_decay)
        self._check(status)

    def step(self):
        """Changes the weights by the gradients that the last hw3_graph_backward left.
        optim: the optimizer.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_DIVERGED (a gradient, or the norm of all, is not finite;
        nothing is changed). Since 0.1."""
        status = _lib.hw3_optim_step(self)
        self._check(status)

    def n_steps(self):
        """Tells how many steps have been made.
        optim: the optimizer.
        Returns: the number; HW3_ERR_ARG when optim is NULL. Since 0.1."""
        return _lib.hw3_optim_n_steps(self)

    def lr(self):
        """Tells the base learning rate of the next step, by the schedule.
        optim: the optimizer.
        Returns: the rate; 0 when optim is NULL. Since 0.1."""
        return _lib.hw3_optim_lr(self)

    def grad_norm(self):
        """Tells the norm that all gradients had together in the last step, before clipping.
        optim: the optimizer.
        Returns: the norm; 0 before the first step, or when optim is NULL. Since 0.1."""
        return _lib.hw3_optim_grad_norm(self)


class Rnn(_Object):
    """A recurrent layer."""
    _destroy = _lib.hw3_rnn_destroy

    def forward(self, graph, x, lengths=HW3_NONE, state=None):
        """Runs sequences through the layer.
        rnn: the layer.  graph: a graph on the same parameters.  x: [T, B, n_inputs], T at least 1.
        lengths: HW3_I64 [B], steps of each sequence that count, 1 to T, or HW3_NONE for all;
        later steps give zeros and leave the state alone.
        state: initial state in, last state out, on failure the status in both; NULL for neither.
        The last state passes gradients on; read and bring it in again to cut them (truncated backpropagation).
        Returns: [T, B, n_directions n_hidden], or a status (HW3_ERR_VALUE: a length outside;
        HW3_ERR_STATE: a graph on other parameters). Since 0.1."""
        status = _lib.hw3_rnn_forward(self, graph, x, lengths, None if state is None else C.byref(state))
        return self._check(status)

    def glass(self, layer, direction, step, name):
        """Gives a quantity of one step of the last hw3_rnn_forward of a glass box; hw3_var_read_grad gives the loss's derivative by it.
        rnn: made with glass_box = 1.  layer: from 0.  direction: 0 forward, 1 reverse.  step: 0 to T - 1.
        name: "f", "i", "o", "g", "c", "h" for LSTM; "r", "z", "n", "h" for GRU; "h" for RNN.
        Returns: a value [B, n_hidden], or a status (HW3_ERR_NAME lists the names; HW3_ERR_STATE: no glass box, or no forward yet).
        Since 0.1."""
        status = _lib.hw3_rnn_glass(self, layer, direction, step, None if name is None else os.fsencode(name))
        return self._check(status)


class Model(_Object):
    """A model."""
    _destroy = _lib.hw3_model_destroy

    def save(self, dir):
        """Writes config.json and model.safetensors, which transformers opens and hw3_model_open gives back with the same bits;
        each file atomically.
        model: the model.  dir: the folder, made if it is not there.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (a weight is not finite); HW3_ERR_IO; HW3_ERR_NOMEM. Since 0.1."""
        status = _lib.hw3_model_save(self, None if dir is None else os.fsencode(dir))
        self._check(status)

    def get_config(self):
        """Tells what a model is made of, every field as it was taken.
        model: the model.  out: receives the fields; begun with HW3_MODEL_CONFIG_INIT.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_ABI. Since 0.1."""
        out = hw3_model_config(struct_size=C.sizeof(hw3_model_config))
        status = _lib.hw3_model_get_config(self, C.byref(out))
        self._check(status)
        return out

    def params(self):
        """Gives the parameters: to read, write, freeze, and for graphs and optimizers.
        model: the model.
        Returns: the set, borrowed; NULL when model is NULL. Since 0.1."""
        return Params(_lib.hw3_model_params(self), self._ctx, False, self)

    def forward(self, graph, tokens):
        """Runs sequences through a model: hw3_model_head of hw3_model_hidden.
        model: the model.  graph: a graph on hw3_model_params.  tokens: HW3_I64 [B, T], T at most n_ctx;
        ViT: images [B, n_channels, image_size, image_size] of the model's type.
        Returns: logits [B, T, n_vocab] of tokens or [B, n_classes] of classes; without a head hidden values; or
        a status (HW3_ERR_VALUE: a token outside; HW3_ERR_SHAPE: a sequence that is too long, an image of another size;
        HW3_ERR_STATE: a graph on other parameters). Since 0.1."""
        status = _lib.hw3_model_forward(self, graph, tokens)
        return self._check(status)

    def loss(self, graph, tokens, targets):
        """Mean cross entropy of the logits, without all logits in memory: hw3_model_head_loss of hw3_model_hidden.
        model, graph, tokens: as in hw3_model_forward.
        targets: HW3_I64 [B, T], what stands at each place; for a language model the next token. Of classes [B]. -100 does not count.
        Returns: [], or a status as in hw3_model_forward (HW3_ERR_VALUE: a target outside; HW3_ERR_UNSUPPORTED: no head, or one class,
        whose logit hw3_mse may take). Since 0.1."""
        status = _lib.hw3_model_loss(self, graph, tokens, targets)
        return self._check(status)

    def hidden(self, graph, tokens, **options):
        """Runs sequences through a model up to its head.
        model, graph, tokens: as in hw3_model_forward.  opts: NULL for the defaults.
        Returns: the last hidden values [B, T, d_model], or a status as in hw3_model_forward (HW3_ERR_VALUE: a type or length outside;
        HW3_ERR_UNSUPPORTED: types or lengths, but the family has none). Since 0.1.
        options: fields of hw3_hidden_opts: types, lengths."""
        opts, kept = _options(hw3_hidden_opts, _lib.hw3_hidden_opts_init, options, self)
        status = _lib.hw3_model_hidden(self, graph, tokens, C.byref(opts))
        return self._check(status, None, kept[1])

    def head(self, graph, hidden):
        """The logits of hidden values.
        model, graph: as in hw3_model_forward.  hidden: [B, T, d_model], of hw3_model_hidden or some places of it.
        Returns: as hw3_model_forward. Since 0.1."""
        status = _lib.hw3_model_head(self, graph, hidden)
        return self._check(status)

    def head_loss(self, graph, hidden, targets):
        """The loss of hidden values.
        model, graph, hidden: as in hw3_model_head.  targets: as in hw3_model_loss; padding is given -100.
        Returns: as hw3_model_loss. Since 0.1."""
        status = _lib.hw3_model_head_loss(self, graph, hidden, targets)
        return self._check(status)

    def pooled(self, graph, hidden):
        """What hidden values say of whole sequences, by their first token: the logits of classes, or of a model without a head
        tanh(W h + b). BERT's loss of pretraining is
        
        hw3_add(g, hw3_model_head_loss(bert, g, h, masked), hw3_cross_entropy(g, hw3_model_pooled(bert, g, h), next, -100, 0.0))
        
        model, graph: as in hw3_model_forward.  hidden: of hw3_model_hidden.
        Returns: [B, n_classes] or [B, d_model], or a status as in hw3_model_forward (HW3_ERR_UNSUPPORTED: there is no such part).
        Since 0.1."""
        status = _lib.hw3_model_pooled(self, graph, hidden)
        return self._check(status)

    def session_create(self, **options):
        """Makes a session with empty sequences.
        model: a language model; kept alive.  opts: NULL for the defaults.  out: the session.
        Returns: HW3_OK; HW3_ERR_ARG (a number out of range); HW3_ERR_UNSUPPORTED (no language model, or one of both
        directions); HW3_ERR_ABI; HW3_ERR_NOMEM. Since 0.1.
        options: fields of hw3_session_opts: cache, n_sequences, n_ctx, n_tokens."""
        opts, kept = _options(hw3_session_opts, _lib.hw3_session_opts_init, options, self)
        out = C.c_void_p()
        status = _lib.hw3_session_create(self, C.byref(opts), C.byref(out))
        result = Session(out.value, self._ctx, True, (self, kept,), kept[1]) if out.value else None
        self._check(status, result, kept[1])
        return result


class Arima(_Object):
    """A fitted model with its series."""
    _destroy = _lib.hw3_arima_destroy

    def describe(self):
        """Tells what a fit has come to.
        fit: a fit.  out: begun with HW3_ARIMA_INFO_INIT.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_ABI. Since 0.1."""
        out = hw3_arima_info(struct_size=C.sizeof(hw3_arima_info))
        status = _lib.hw3_arima_describe(self, C.byref(out))
        self._check(status)
        return out

    def coef_name(self, i):
        """Gives the name of a coefficient.
        fit: a fit.  i: 0 to n_coef - 1.
        Returns: such as "ar1", valid while the fit lives; NULL for an i that is none. Since 0.1."""
        return (_lib.hw3_arima_coef_name(self, i) or b"").decode()

    def coef(self, n_coef):
        """Gives the coefficients.
        fit: a fit.  coef: [n_coef].  se: [n_coef] standard errors, 0 where held; may be NULL.  n_coef: room, as in info.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_TOO_SMALL. Since 0.1."""
        coef = np.empty(max(0, n_coef), np.float64)
        se = np.empty(max(0, n_coef), np.float64)
        status = _lib.hw3_arima_coef(self, _address(coef, C.c_double), _address(se, C.c_double), n_coef)
        self._check(status)
        return coef, se

    def cov(self, n_coef):
        """Gives the covariance of the coefficients, the inverse of the Hessian of -loglik.
        fit: a fit.  cov: [n_coef, n_coef].  n_coef: as in info.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_TOO_SMALL. Since 0.1."""
        cov = np.empty((max(0, n_coef), max(0, n_coef)), np.float64)
        status = _lib.hw3_arima_cov(self, _address(cov, C.c_double), n_coef)
        self._check(status)
        return cov

    def residuals(self, n):
        """Gives the innovations, standardised to the variance sigma2: e[t] / sqrt(F[t]), NaN where y is missing. The first d + m D are
        as in R about a thousandth of z[t]; with more than 60 differences and none missing they are 0.
        fit: a fit.  out: [n].  n: as in info.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_TOO_SMALL. Since 0.1."""
        out = np.empty(max(0, n), np.float64)
        status = _lib.hw3_arima_residuals(self, _address(out, C.c_double), n)
        self._check(status)
        return out

    def fitted(self, n):
        """Gives forecasts of each value from those before it, without refitting, in the unit of y (after Box-Cox: the median;
        infinite where it has none that a double holds). R gives y less its residuals, which are standardised at the first steps.
        fit: a fit.  out: [n].  n: as in info.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_TOO_SMALL. Since 0.1."""
        out = np.empty(max(0, n), np.float64)
        status = _lib.hw3_arima_fitted(self, _address(out, C.c_double), n)
        self._check(status)
        return out

    def forecast(self, horizon, level=0.95):
        """Forecasts the values after the last one, with one interval. The variance is that of e alone, as in R: coefficients count as known.
        fit: a fit without regressors.  horizon: steps, at least 1.  level: such as 0.95.
        mean, lower, upper: [horizon], in the unit of y; lower and upper may be NULL. After Box-Cox mean is the median without
        bias_adjust, and lower and upper may be infinite, where lambda has no such value.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_STATE (the fit has regressors: hw3_arima_predict); HW3_ERR_VALUE (a mean or, without
        Box-Cox, an end is not finite); HW3_ERR_NOMEM. Since 0.1."""
        mean = np.empty(max(0, horizon), np.float64)
        lower = np.empty(max(0, horizon), np.float64)
        upper = np.empty(max(0, horizon), np.float64)
        status = _lib.hw3_arima_forecast(self, horizon, level, _address(mean, C.c_double), _address(lower, C.c_double), _address(upper, C.c_double))
        self._check(status)
        return mean, lower, upper

    def predict(self, horizon, xreg=None, levels=None):
        """Forecasts with future regressors, several intervals and standard errors.
        fit: a fit.  horizon: steps, at least 1.  xreg: [horizon, n_xreg] future regressors; NULL without.
        levels: [n_levels], each between 0 and 1; NULL without.  n_levels: how many.
        mean: [horizon].  se: [horizon] standard errors on Box-Cox's scale; may be NULL.
        lower, upper: [n_levels, horizon], as in hw3_arima_forecast; NULL without.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (a regressor is missing or infinite; as hw3_arima_forecast); HW3_ERR_NOMEM.
        Since 0.1."""
        xreg = None if xreg is None else _array(xreg, 'xreg', np.float64, n_dims=2)
        levels = None if levels is None else _array(levels, 'levels', np.float64)
        n_levels = _length(levels)
        mean = np.empty(max(0, horizon), np.float64)
        se = np.empty(max(0, horizon), np.float64)
        lower = np.empty((max(0, n_levels), max(0, horizon)), np.float64)
        upper = np.empty((max(0, n_levels), max(0, horizon)), np.float64)
        _sized(xreg, 'xreg', horizon, self.describe().n_xreg)
        status = _lib.hw3_arima_predict(self, horizon, _address(xreg, C.c_double), _address(levels, C.c_double), n_levels, _address(mean, C.c_double), _address(se, C.c_double), _address(lower, C.c_double), _address(upper, C.c_double))
        self._check(status)
        return mean, se, lower, upper

    def append(self, y, xreg=None):
        """Appends values that follow the series: the filter goes on, the coefficients and sigma2 stay. In info, loglik and what follows from
        it become those of the longer series, by the exact likelihood. Appended one by one or at once, and hw3_arima_apply to all of
        it: the same bits; to rounding where d + m D is above 60 or the variance has vanished.
        fit: a fit.  y: [n], NaN is missing.  n: at least 0.  xreg: [n, n_xreg] their regressors; NULL without.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (an infinite value, one without a Box-Cox transform, a regressor that is missing, a
        forecast or a likelihood that is not finite); HW3_ERR_NOMEM. Since 0.1."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        xreg = None if xreg is None else _array(xreg, 'xreg', np.float64, n_dims=2)
        _sized(xreg, 'xreg', n, self.describe().n_xreg)
        status = _lib.hw3_arima_append(self, _address(y, C.c_double), n, _address(xreg, C.c_double))
        self._check(status)

    def refit(self):
        """Fits again, to all values up to now, from the present coefficients on.
        fit: a fit.
        Returns: HW3_OK; HW3_ERR_VALUE (as hw3_arima_fit; the fit is as it was); HW3_ERR_NOMEM; HW3_ERR_ARG. Since 0.1."""
        status = _lib.hw3_arima_refit(self)
        self._check(status)

    def apply(self, y, xreg=None):
        """Makes the same model, with coefficients and sigma2, of another series. Its drift counts from 1 again.
        fit: a fit.  y: [n], copied; NaN is missing.  n: at least 1.  xreg: [n, n_xreg]; NULL without.  out: the model.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE; HW3_ERR_NOMEM. Since 0.1."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        xreg = None if xreg is None else _array(xreg, 'xreg', np.float64, n_dims=2)
        out = C.c_void_p()
        _sized(xreg, 'xreg', n, self.describe().n_xreg)
        status = _lib.hw3_arima_apply(self, _address(y, C.c_double), n, _address(xreg, C.c_double), C.byref(out))
        self._check(status)
        return Arima(out.value, self._ctx, True, (self,))

    def one_step(self, y, xreg=None):
        """Forecasts each value of a test set that follows the series from all before it, without refitting; the fit stays as it is.
        fit: a fit.  y: [n] test set, NaN is missing.  n: at least 1.  xreg: [n, n_xreg]; NULL without.
        mean: [n].  se: [n] standard errors; may be NULL.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE; HW3_ERR_NOMEM. Since 0.1."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        xreg = None if xreg is None else _array(xreg, 'xreg', np.float64, n_dims=2)
        mean = np.empty(max(0, n), np.float64)
        se = np.empty(max(0, n), np.float64)
        _sized(xreg, 'xreg', n, self.describe().n_xreg)
        status = _lib.hw3_arima_one_step(self, _address(y, C.c_double), n, _address(xreg, C.c_double), _address(mean, C.c_double), _address(se, C.c_double))
        self._check(status)
        return mean, se

    def backtest(self, y, horizon, refit_every, xreg=None, progress=None):
        """Forecasts from a rolling origin: row i is for the values i to i + horizon - 1 of a test set that follows the series, from all
        before them. The fit stays as it is.
        fit: a fit.  y: [n] test set, NaN is missing.  n: at least horizon.  horizon: steps, at least 1.
        refit_every: origins between two refits; 0: never.  xreg: [n, n_xreg]; NULL without.
        progress: called after each origin; may be NULL.  user: handed to it.
        mean: [n - horizon + 1, horizon].  se: [n - horizon + 1, horizon] standard errors; may be NULL.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE; HW3_ERR_CANCELLED; HW3_ERR_NOMEM. Since 0.1."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        xreg = None if xreg is None else _array(xreg, 'xreg', np.float64, n_dims=2)
        progress = _Callback(hw3_arima_origin_fn, progress or (lambda *_: 0), lambda done, total: (done, total))
        mean = np.empty((max(0, n - horizon + 1), max(0, horizon)), np.float64)
        se = np.empty((max(0, n - horizon + 1), max(0, horizon)), np.float64)
        _sized(xreg, 'xreg', n, self.describe().n_xreg)
        with self._interruptible((progress,)):
            status = _lib.hw3_arima_backtest(self, _address(y, C.c_double), n, horizon, refit_every, _address(xreg, C.c_double), progress.function, None, _address(mean, C.c_double), _address(se, C.c_double))
        self._check(status, None, (progress,))
        return mean, se

    def roots(self, ma, n):
        """Gives inverse roots: numbers w with 1 - w B a factor of the autoregressive polynomial or of the moving average. Those of a
        stationary or invertible one lie inside the unit circle. Plain ones first, then those of the season; 0 for a coefficient of 0
        at the end.
        fit: a fit.  ma: 0: autoregressive, p + m P of them; 1: moving average, q + m Q.
        re, im: [n] real and imaginary parts.  n: room, at least so many.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_TOO_SMALL; HW3_ERR_VALUE (not found); HW3_ERR_NOMEM. Since 0.1."""
        re = np.empty(max(0, n), np.float64)
        im = np.empty(max(0, n), np.float64)
        status = _lib.hw3_arima_roots(self, ma, _address(re, C.c_double), _address(im, C.c_double), n)
        self._check(status)
        return re, im

    def simulate(self, horizon, n_paths, seed, bootstrap, conditional, xreg=None):
        """Simulates: the same numbers for any number of threads. Infinite where Box-Cox has no value for a path that a double holds.
        fit: a fit.  horizon: steps, at least 1.  n_paths: at least 1.  seed: of the draws.
        bootstrap: 0: normal innovations; 1: drawn from the fit's, standardised as hw3_arima_residuals, their mean taken off.
        conditional: 1: paths that go on after the series; 0: new series, zero before their start where there are differences.
        xreg: [horizon, n_xreg] regressors; NULL without.
        out: [n_paths, horizon].
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (a regressor, no residuals); HW3_ERR_NOMEM. Since 0.1."""
        xreg = None if xreg is None else _array(xreg, 'xreg', np.float64, n_dims=2)
        out = np.empty((max(0, n_paths), max(0, horizon)), np.float64)
        _sized(xreg, 'xreg', horizon, self.describe().n_xreg)
        status = _lib.hw3_arima_simulate(self, horizon, n_paths, seed, bootstrap, conditional, _address(xreg, C.c_double), _address(out, C.c_double))
        self._check(status)
        return out

    def intervals(self, horizon, levels, n_paths, seed, bootstrap, xreg=None):
        """Gives intervals of forecasts as quantiles of simulated paths, definition 8 of [Hyndman96].
        fit, horizon, n_paths, seed, bootstrap, xreg: as in hw3_arima_simulate.  levels: [n_levels], each between 0 and 1.
        n_levels: how many, at least 1.
        lower, upper: [n_levels, horizon]; infinite where paths are.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE; HW3_ERR_NOMEM. Since 0.1."""
        levels = _array(levels, 'levels', np.float64)
        n_levels = _length(levels)
        xreg = None if xreg is None else _array(xreg, 'xreg', np.float64, n_dims=2)
        lower = np.empty((max(0, n_levels), max(0, horizon)), np.float64)
        upper = np.empty((max(0, n_levels), max(0, horizon)), np.float64)
        _sized(xreg, 'xreg', horizon, self.describe().n_xreg)
        status = _lib.hw3_arima_intervals(self, horizon, _address(levels, C.c_double), n_levels, n_paths, seed, bootstrap, _address(xreg, C.c_double), _address(lower, C.c_double), _address(upper, C.c_double))
        self._check(status)
        return lower, upper

    def save(self, path):
        """Saves a fit with its series and regressors as safetensors, orders and options as texts that can be read [Safetensors].
        fit: a fit.  path: written anew, or not at all.
        Returns: HW3_OK; HW3_ERR_IO; HW3_ERR_NAME (a regressor's name is not UTF-8); HW3_ERR_NOMEM; HW3_ERR_ARG. Since 0.1."""
        status = _lib.hw3_arima_save(self, None if path is None else os.fsencode(path))
        self._check(status)

    def n_candidates(self):
        """Tells how many models were tried.
        fit: a fit.
        Returns: 0 for a fit that comes from no search. Since 0.1."""
        return _lib.hw3_arima_n_candidates(self)

    def candidate(self, i):
        """Gives a model that was tried.
        fit: a fit.  i: 0 to hw3_arima_n_candidates - 1, in the order of the search.  out: begun with HW3_ARIMA_TRIAL_INIT.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_ABI. Since 0.1."""
        out = hw3_arima_trial(struct_size=C.sizeof(hw3_arima_trial))
        status = _lib.hw3_arima_candidate(self, i, C.byref(out))
        self._check(status)
        return out


class Sampler(_Object):
    """A chain of steps."""
    _destroy = _lib.hw3_sampler_destroy

    def add_greedy(self):
        """Adds a step that leaves only the token of the largest logit.
        sampler: the chain.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1."""
        status = _lib.hw3_sampler_add_greedy(self)
        self._check(status)

    def add_temperature(self, temperature):
        """Adds x / temperature [Ackley85]: below 1 sharper, above 1 flatter; 0 leaves only the largest.
        sampler: the chain.  temperature: 0 or more.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1."""
        status = _lib.hw3_sampler_add_temperature(self, temperature)
        self._check(status)

    def add_top_k(self, k):
        """Adds a step that leaves the k largest [Fan18].
        sampler: the chain.  k: at least 1; as many as there are, or more, changes nothing.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1."""
        status = _lib.hw3_sampler_add_top_k(self, k)
        self._check(status)

    def add_top_p(self, p):
        """Adds nucleus sampling: leaves the fewest, from the largest on, whose p add up to at least this much [Holtzman20].
        sampler: the chain.  p: 0 < p <= 1; 1 changes nothing.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1."""
        status = _lib.hw3_sampler_add_top_p(self, p)
        self._check(status)

    def add_min_p(self, min_p):
        """Adds a step that leaves p_i >= min_p max_j p_j [Nguyen24].
        sampler: the chain.  min_p: 0 to 1; 0 changes nothing.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1."""
        status = _lib.hw3_sampler_add_min_p(self, min_p)
        self._check(status)

    def add_typical(self, mass):
        """Adds locally typical sampling: leaves the fewest, from the smallest |-log p_i - H| on with H the entropy of p, whose p add up
        to at least this much [Meister23].
        sampler: the chain.  mass: 0 < mass <= 1; 1 changes nothing.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1."""
        status = _lib.hw3_sampler_add_typical(self, mass)
        self._check(status)

    def add_repetition(self, penalty, window):
        """Adds the repetition penalty: x / penalty for tokens of the history [Keskar19], and x penalty where x < 0, so that more
        than 1 makes them rarer whatever the sign.
        sampler: the chain.  penalty: above 0.  window: only the last tokens of the history; 0 for all.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1."""
        status = _lib.hw3_sampler_add_repetition(self, penalty, window)
        self._check(status)

    def add_penalties(self, frequency, presence, window):
        """Adds x - frequency c - presence [c > 0], c how often the token is in the history [OpenAI20].
        sampler: the chain.  frequency, presence: finite; below 0 makes repetition likelier.  window: as in
        hw3_sampler_add_repetition.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1."""
        status = _lib.hw3_sampler_add_penalties(self, frequency, presence, window)
        self._check(status)

    def add_no_repeat(self, n):
        """Adds a step that takes out every token that would end n tokens in a row that are in the history already [Paulus17].
        sampler: the chain.  n: at least 1.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_NOMEM. Since 0.1."""
        status = _lib.hw3_sampler_add_no_repeat(self, n)
        self._check(status)

    def add_bias(self, tokens, bias):
        """Adds x + bias for some tokens.
        sampler: the chain.  tokens: [n], each at least 0; copied.  bias: [n], finite, or -infinity to take a token out; copied.
        n: how many.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (a token or a bias); HW3_ERR_NOMEM. Since 0.1."""
        tokens = _array(tokens, 'tokens', np.int64)
        bias = _array(bias, 'bias', np.float64)
        n = _length(bias)
        _sized(tokens, 'tokens', n)
        status = _lib.hw3_sampler_add_bias(self, _address(tokens, C.c_int64), _address(bias, C.c_double), n)
        self._check(status)

    def pick(self, logits, history, stream):
        """Runs the chain and draws a token.
        sampler: the chain.  logits: [n_vocab], finite or -infinity.  n_vocab: 1 to 2^31 - 1.  history: [n_history], the tokens so
        far.  n_history: how many, also the number of the draw in its stream; with 0 there need be no history.
        stream: which of several completions this is.  token: receives 0 to n_vocab - 1.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (a logit that is not a number or +infinity, a token outside the vocabulary, no
        token is left); HW3_ERR_CANCELLED; HW3_ERR_NOMEM. Since 0.1."""
        logits = _array(logits, 'logits', np.float32)
        n_vocab = _length(logits)
        history = _array(history, 'history', np.int64)
        n_history = _length(history)
        token = C.c_int64()
        with self._interruptible():
            status = _lib.hw3_sampler_pick(self, _address(logits, C.c_float), n_vocab, _address(history, C.c_int64), n_history, stream, C.byref(token))
        self._check(status)
        return token.value

    def probabilities(self, logits, history):
        """Runs the chain and tells the probabilities from which hw3_sampler_pick would draw.
        sampler: the chain.  logits, n_vocab, history, n_history: as in hw3_sampler_pick.  probabilities: [n_vocab], receives p; 0 for
        a token that was taken out.
        Returns: as hw3_sampler_pick. Since 0.1."""
        logits = _array(logits, 'logits', np.float32)
        n_vocab = _length(logits)
        history = _array(history, 'history', np.int64)
        n_history = _length(history)
        probabilities = np.empty(max(0, n_vocab), np.float64)
        status = _lib.hw3_sampler_probabilities(self, _address(logits, C.c_float), n_vocab, _address(history, C.c_int64), n_history, _address(probabilities, C.c_double))
        self._check(status)
        return probabilities


class Session(_Object):
    """A session."""
    _destroy = _lib.hw3_session_destroy

    def feed(self, sequence, tokens):
        """Appends tokens to a sequence.
        session: the session.  sequence: which one.  tokens: [n].  n: at least 1.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (a token outside the vocabulary; logits that are not finite, keys or values that
        the cache cannot hold); HW3_ERR_FULL (more than n_ctx tokens); HW3_ERR_NOMEM. Since 0.1."""
        tokens = _array(tokens, 'tokens', np.int64)
        n = _length(tokens)
        status = _lib.hw3_session_feed(self, sequence, _address(tokens, C.c_int64), n)
        self._check(status)

    def feed_logits(self, sequence, tokens, n_vocab):
        """Appends tokens to a sequence and gives the logits behind every one of them.
        session: the session.  sequence: which one.  tokens: [n].  n: at least 1.  logits: [n, n_vocab], receives them; its content
        is not defined after a failure.  n_vocab: the model's.
        Returns: as hw3_session_feed. Since 0.1."""
        tokens = _array(tokens, 'tokens', np.int64)
        n = _length(tokens)
        logits = np.empty((max(0, n), max(0, n_vocab)), np.float32)
        status = _lib.hw3_session_feed_logits(self, sequence, _address(tokens, C.c_int64), n, _address(logits, C.c_float), n_vocab)
        self._check(status)
        return logits

    def perplexity(self, sequence, tokens):
        """Appends tokens to a sequence and tells how well the model foresaw them: exp(-1/m sum log p(token | those before it)), 1 for
        certainty, n_vocab for a guess. The m tokens are all n, or all but the first when the sequence has no logits.
        session: the session.  sequence: which one.  tokens: [n].  n: at least 1, 2 without logits.  perplexity: receives it.
        Returns: as hw3_session_feed. Since 0.1."""
        tokens = _array(tokens, 'tokens', np.int64)
        n = _length(tokens)
        perplexity = C.c_double()
        status = _lib.hw3_session_perplexity(self, sequence, _address(tokens, C.c_int64), n, C.byref(perplexity))
        self._check(status)
        return perplexity.value

    def step(self, sequences, tokens):
        """Appends one token to each of several sequences, in one pass through the model.
        session: the session.  sequences: [n], different ones.  tokens: [n], one for each.  n: at least 1.
        Returns: as hw3_session_feed. Since 0.1."""
        sequences = _array(sequences, 'sequences', np.int64)
        tokens = _array(tokens, 'tokens', np.int64)
        n = _length(sequences, tokens)
        status = _lib.hw3_session_step(self, _address(sequences, C.c_int64), _address(tokens, C.c_int64), n)
        self._check(status)

    def logits(self, sequence, n_vocab):
        """Gives the logits behind the last token of a sequence.
        session: the session.  sequence: which one.  logits: [n_vocab], receives them.  n_vocab: the model's.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_STATE (no token was fed since the sequence was empty or cut short). Since 0.1."""
        logits = np.empty(max(0, n_vocab), np.float32)
        status = _lib.hw3_session_logits(self, sequence, _address(logits, C.c_float), n_vocab)
        self._check(status)
        return logits

    def n_tokens(self, sequence):
        """Tells how many tokens a sequence has.
        session: the session.  sequence: which one.
        Returns: 0 to n_ctx; HW3_ERR_ARG. Since 0.1."""
        return _lib.hw3_session_n_tokens(self, sequence)

    def tokens(self, sequence, n):
        """Gives the tokens of a sequence.
        session: the session.  sequence: which one.  tokens: [n], receives them.  n: as hw3_session_n_tokens tells.
        Returns: HW3_OK; HW3_ERR_ARG. Since 0.1."""
        tokens = np.empty(max(0, n), np.int64)
        status = _lib.hw3_session_tokens(self, sequence, _address(tokens, C.c_int64), n)
        self._check(status)
        return tokens

    def truncate(self, sequence, n):
        """Cuts a sequence short. Its logits are gone until the next token is fed, unless nothing was cut. A recurrent model has no way
        back: the tokens that are kept are fed again.
        session: the session.  sequence: which one.  n: tokens to keep, 0 to what it has.
        Returns: HW3_OK; HW3_ERR_ARG; of a recurrent model also as hw3_session_feed. Since 0.1."""
        status = _lib.hw3_session_truncate(self, sequence, n)
        self._check(status)

    def fork(self, source, target):
        """Makes a sequence a copy of another, logits too. They share the cache so far.
        session: the session.  source: what is copied.  target: what it had is given up.
        Returns: HW3_OK; HW3_ERR_ARG. Since 0.1."""
        status = _lib.hw3_session_fork(self, source, target)
        self._check(status)

    def save(self, path):
        """Writes all sequences with their cache to a file; what they share is written for each. Atomic.
        session: the session.  path: the file.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_IO; HW3_ERR_NOMEM. Since 0.1."""
        status = _lib.hw3_session_save(self, None if path is None else os.fsencode(path))
        self._check(status)

    def restore(self, path):
        """Puts the sequences of a file in place of those of a session of the same model and element type. With the same cache they go on
        with the same bits; a narrower one rounds.
        session: the session, with room for them.  path: a file of hw3_session_save.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_IO; HW3_ERR_FORMAT; HW3_ERR_VERSION; HW3_ERR_MISMATCH (of another model, or no room for
        it); HW3_ERR_UNSUPPORTED; HW3_ERR_VALUE (numbers that a narrower cache cannot hold); HW3_ERR_NOMEM. Since 0.1."""
        status = _lib.hw3_session_restore(self, None if path is None else os.fsencode(path))
        self._check(status)

    def bytes(self):
        """Tells what the cache costs.
        session: the session.  taken: receives the bytes of all its pages and states.  used: receives those of pages that hold tokens,
        each counted once however many sequences share it, and of the states of sequences that are not empty.
        Returns: HW3_OK; HW3_ERR_ARG. Since 0.1."""
        taken = C.c_int64()
        used = C.c_int64()
        status = _lib.hw3_session_bytes(self, C.byref(taken), C.byref(used))
        self._check(status)
        return taken.value, used.value

    def generate_text(self, sequence, sampler, decoder, text, cap, **options):
        """Draws a token, appends it and gives the text that is certain now, as hw3_decoder_push does. A token of opts' stop ends the text:
        what was held back comes, and hw3_decoder_stopped tells it, as it does behind a stop of the decoder's. Then no more is drawn.
        Who ends earlier, as after a number of tokens or at HW3_ERR_FULL, gets what is held back by hw3_decoder_finish.
        session: the session.  sequence: which one.  sampler: as in hw3_generate_next.  decoder: of the session's context; it is as new
        for another text after hw3_decoder_finish.  opts: NULL for the defaults.  text: [cap], receives the bytes.  cap: room in text.
        n_bytes: receives how many, often 0.
        Returns: as hw3_generate_next; HW3_ERR_VALUE (the tokenizer has no such token, which is appended); HW3_ERR_TOO_SMALL (n_bytes
        tells the room that is needed). After it and after HW3_ERR_NOMEM the next call goes on with what was drawn. Since 0.1.
        options: fields of hw3_generate_opts: slide, streams, n_top, logprobs, top, top_logprobs, stop, n_stop, progress."""
        opts, kept = _options(hw3_generate_opts, _lib.hw3_generate_opts_init, options, self)
        n_bytes = C.c_int64()
        status = _lib.hw3_generate_text(self, sequence, sampler, decoder, C.byref(opts), None if text is None else os.fsencode(text), cap, C.byref(n_bytes))
        self._check(status, None, kept[1])
        return n_bytes.value

    def beam_search(self, sequence, beams, **options):
        """Searches the texts of the highest score sum_i log p(y_i | prompt, y_1 .. y_(i-1)) / n^length_penalty, n tokens long; [Wu16]
        has ((5 + n) / 6)^length_penalty there. Each step keeps the n_beams likeliest texts that run; of the n_beams likeliest of all,
        those that have ended are candidates for the answer, and so are all after max_tokens. With at least n_vocab^max_tokens beams
        no text is missed.
        session: the session, which is afterwards as it was, also after a failure.  sequence: the prompt.  beams: [n_beams], other
        sequences, all empty, to work with.  n_beams: at least 1.  opts: NULL for the defaults.
        tokens: [opts.n_best, opts.max_tokens], receives the texts in falling order; what is behind a text is 0.
        lengths: [opts.n_best], receives their n; 0 where there are no more.  scores: [opts.n_best], receives their scores; -infinity
        where there are no more.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_ABI; HW3_ERR_STATE (the prompt has no logits, a beam is not empty); HW3_ERR_VALUE (a
        token outside the vocabulary; logits that are not finite); HW3_ERR_FULL (the prompt and max_tokens are longer than n_ctx);
        HW3_ERR_CANCELLED; HW3_ERR_NOMEM. Since 0.1.
        options: fields of hw3_beam_opts: early_stop, n_best, max_tokens, length_penalty, stop, n_stop, progress."""
        beams = _array(beams, 'beams', np.int64)
        n_beams = _length(beams)
        opts, kept = _options(hw3_beam_opts, _lib.hw3_beam_opts_init, options, self)
        tokens = np.empty((max(0, opts.n_best), max(0, opts.max_tokens)), np.int64)
        lengths = np.empty(max(0, opts.n_best), np.int64)
        scores = np.empty(max(0, opts.n_best), np.float64)
        with self._interruptible(kept[1]):
            status = _lib.hw3_beam_search(self, sequence, _address(beams, C.c_int64), n_beams, C.byref(opts), _address(tokens, C.c_int64), _address(lengths, C.c_int64), _address(scores, C.c_double))
        self._check(status, None, kept[1])
        return tokens, lengths, scores


class Tokenizer(_Object):
    """A tokenizer. It does not change once made but by hw3_tokenizer_add."""
    _destroy = _lib.hw3_tokenizer_destroy

    def save(self, path):
        """Writes a tokenizer.json that this library and Hugging Face's tokenizers read.
        tok: the tokenizer.  path: the file; one that is there already is replaced at once or not at all.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_IO; HW3_ERR_NOMEM. Since 0.1."""
        status = _lib.hw3_tokenizer_save(self, None if path is None else os.fsencode(path))
        self._check(status)

    def n_vocab(self):
        """Tells the size that a model's vocabulary needs.
        tok: the tokenizer.
        Returns: the largest token + 1; HW3_ERR_ARG when tok is NULL. Since 0.1."""
        return _lib.hw3_tokenizer_n_vocab(self)

    def decoder_create(self, **options):
        """Makes a decoder that takes tokens one by one.
        tok: the tokenizer.  opts: NULL for the defaults; copied.  out: the decoder.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_ABI; HW3_ERR_NOMEM. Since 0.1.
        options: fields of hw3_decode_opts: skip_special, stops, n_stops."""
        opts, kept = _options(hw3_decode_opts, _lib.hw3_decode_opts_init, options, self)
        out = C.c_void_p()
        status = _lib.hw3_decoder_create(self, C.byref(opts), C.byref(out))
        result = Decoder(out.value, self._ctx, True, (self, kept,), kept[1]) if out.value else None
        self._check(status, result, kept[1])
        return result


class Decoder(_Object):
    """Text out of tokens that come one by one."""
    _destroy = _lib.hw3_decoder_destroy

    def stopped(self):
        """Tells whether a stop has come: then no more text does.
        decoder: the decoder.
        Returns: 1 or 0; HW3_ERR_ARG when decoder is NULL. Since 0.1."""
        return _lib.hw3_decoder_stopped(self)


class Trainer(_Object):
    """A trainer."""
    _destroy = _lib.hw3_trainer_destroy

    def fit(self, tensors, loss):
        """Trains until n_epochs, from where the trainer stands; after a callback or a failure has stopped it, call again to go on.
        With patience, a fit that ends well leaves the best weights in place; going on takes up the last ones, so that parts end as
        one run would.
        trainer: a trainer.  tensors: [n_tensors], each [N, ..] with the same N, of any type and strides, so windows may overlap.
        n_tensors: at least 1.  loss: builds the loss.  user: handed to it.
        Returns: HW3_OK; HW3_ERR_CANCELLED; HW3_ERR_DIVERGED (the weights are those before the bad step);
        HW3_ERR_SHAPE (other N, no examples); HW3_ERR_ARG; HW3_ERR_STATE (from a callback, or parameters were added); HW3_ERR_IO;
        HW3_ERR_NOMEM; what loss returns. Since 0.1."""
        tensors = list(tensors)
        loss = _Callback(hw3_batch_loss_fn, loss, lambda g, batch: (Graph(g, self._ctx, False), *batch[:len(tensors)]))
        with self._interruptible((loss,)):
            status = _lib.hw3_trainer_fit(self, (C.c_void_p * len(tensors))(*(x._as_parameter_ for x in tensors)), len(tensors), loss.function, None)
        self._check(status, None, (loss,))

    def evaluate(self, tensors, loss):
        """Computes the mean loss over examples, without training.
        trainer, tensors, n_tensors, loss, user: as in hw3_trainer_fit.  value: receives the loss.
        Returns: as hw3_trainer_fit. Since 0.1."""
        tensors = list(tensors)
        loss = _Callback(hw3_batch_loss_fn, loss, lambda g, batch: (Graph(g, self._ctx, False), *batch[:len(tensors)]))
        value = C.c_double()
        with self._interruptible((loss,)):
            status = _lib.hw3_trainer_evaluate(self, (C.c_void_p * len(tensors))(*(x._as_parameter_ for x in tensors)), len(tensors), loss.function, None, C.byref(value))
        self._check(status, None, (loss,))
        return value.value

    def set_epochs(self, n_epochs):
        """Plans another number of epochs, to go on after a fit; more of them also after an early stop.
        trainer: a trainer.  n_epochs: in all, at least those done.
        Returns: HW3_OK; HW3_ERR_ARG. Since 0.1."""
        status = _lib.hw3_trainer_set_epochs(self, n_epochs)
        self._check(status)

    def save(self, path):
        """Writes weights, optimizer, random state, position, history and best weights to one safetensors file, atomically.
        trainer: a trainer.  path: the file.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (a weight is not finite); HW3_ERR_STATE (parameters were added); HW3_ERR_IO;
        HW3_ERR_NOMEM. Since 0.1."""
        status = _lib.hw3_trainer_save(self, None if path is None else os.fsencode(path))
        self._check(status)

    def load(self, path):
        """Reads such a file; nothing is changed unless all of it fits.
        trainer: made with equal options, and an optimizer with equal ones, but for n_epochs, checkpoint, callbacks and total_steps.
        path: the file.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_STATE (from a callback, or parameters were added); HW3_ERR_IO;
        HW3_ERR_FORMAT (damaged, or a weight is not finite); HW3_ERR_VERSION; HW3_ERR_MISMATCH; HW3_ERR_NOMEM. Since 0.1."""
        status = _lib.hw3_trainer_load(self, None if path is None else os.fsencode(path))
        self._check(status)


class Forecaster(_Object):
    """A forecaster."""
    _destroy = _lib.hw3_forecaster_destroy

    def train(self, y, n_epochs):
        """Trains for n_epochs more; the first call fits the scaler, later ones keep it, so a forecaster may go on with new data.
        forecaster: a forecaster.  y: [n], no missing values.  n: more than window.  n_epochs: at least 1.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_SHAPE (the window is longer than the series);
        HW3_ERR_VALUE (a value is missing or infinite); HW3_ERR_CANCELLED (usable as far as it got); HW3_ERR_DIVERGED; HW3_ERR_IO;
        HW3_ERR_FORMAT, HW3_ERR_VERSION or HW3_ERR_MISMATCH (a checkpoint is there but does not fit);
        HW3_ERR_STATE (from a callback); HW3_ERR_NOMEM. Since 0.1."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        with self._interruptible():
            status = _lib.hw3_forecaster_train(self, _address(y, C.c_double), n, n_epochs)
        self._check(status)

    def predict(self, y, horizon):
        """Forecasts the steps after y; from the second on, earlier forecasts take the place of values.
        forecaster: a trained one.  y: [n], the last `window` are used.  n: at least window.  horizon: at least 1.
        mean: [horizon], in the unit of y.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_SHAPE; HW3_ERR_VALUE (a value or a forecast is not finite); HW3_ERR_STATE (not trained);
        HW3_ERR_NOMEM. Since 0.1."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        mean = np.empty(max(0, horizon), np.float64)
        status = _lib.hw3_forecaster_predict(self, _address(y, C.c_double), n, horizon, _address(mean, C.c_double))
        self._check(status)
        return mean

    def backtest(self, y, start):
        """Forecasts y[t] from y[t - window .. t - 1] for every t from start on, without training.
        forecaster: a trained one.  y: [n].  n: more than start.  start: at least window.  out: [n - start], in the unit of y.
        Returns: as hw3_forecaster_predict. Since 0.1."""
        y = _array(y, 'y', np.float64)
        n = _length(y)
        out = np.empty(max(0, n - start), np.float64)
        status = _lib.hw3_forecaster_backtest(self, _address(y, C.c_double), n, start, _address(out, C.c_double))
        self._check(status)
        return out

    def scaler(self):
        """Gives the scaler.
        forecaster: a trained one.  out: receives a copy.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_STATE (not trained). Since 0.1."""
        out = hw3_scaler()
        status = _lib.hw3_forecaster_scaler(self, C.byref(out))
        self._check(status)
        return out

    def params(self):
        """Gives the weights, to be read or written between calls.
        forecaster: a forecaster.
        Returns: borrowed, valid as long as the forecaster; NULL when forecaster is NULL. Since 0.1."""
        return Params(_lib.hw3_forecaster_params(self), self._ctx, False, self)

    def get_opts(self):
        """Gives the options that it was made with; after a load, those in the file.
        forecaster: a forecaster.  out: begun with HW3_FORECASTER_OPTS_INIT; pointers in it are NULL.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_ABI. Since 0.1."""
        out = hw3_forecaster_opts(struct_size=C.sizeof(hw3_forecaster_opts))
        status = _lib.hw3_forecaster_get_opts(self, C.byref(out))
        self._check(status)
        return out

    def save(self, path):
        """Writes options, scaler, weights and optimizer to one safetensors file, atomically.
        forecaster: a forecaster.  path: the file.
        Returns: HW3_OK; HW3_ERR_ARG; HW3_ERR_VALUE (a weight is not finite); HW3_ERR_IO; HW3_ERR_NOMEM. Since 0.1."""
        status = _lib.hw3_forecaster_save(self, None if path is None else os.fsencode(path))
        self._check(status)


def _coefficients(options, n_xreg):
    """How many coefficients a model of these options has."""
    o = options.get('order', ())
    o = o if isinstance(o, hw3_arima_order) else _struct(hw3_arima_order, o, hw3_arima_order())
    diffs = o.d + o.D
    return o.p + o.q + o.P + o.Q + (diffs == 0 and options.get('mean', 1)) + (diffs < 2 and options.get('drift', 0)) + n_xreg


def _model(options, n):
    """Options of a model of n values. The library is not told how long the arrays in them are, so that is checked here."""
    options = {name: value for name, value in options.items() if value is not None}
    if 'xreg' in options:
        options['xreg'] = x = _array(options['xreg'], 'xreg', n_dims=2)
        if len(x) != n:
            raise ValueError(f'xreg has {len(x)} rows for {n} values')
        _sized(x, 'xreg', n, options.setdefault('n_xreg', x.size // n if n else 0))
    k = options.get('n_xreg', 0)
    if len(options.get('xreg_names', range(k))) != k:
        raise ValueError(f'xreg_names has {len(options["xreg_names"])} names for {k} regressors')
    for name in {'fixed', 'init'} & options.keys():
        _sized(_array(options[name], name), name, _coefficients(options, k))
    return options


def _text(ctx, like, room, call):
    """What call(out, cap, n_out) writes, as str or bytes as another text is; called again when the room was too small."""
    n = C.c_int64(room)
    for _ in range(2):
        out = C.create_string_buffer(max(1, n.value))
        status = call(out, len(out), C.byref(n))
        if status != HW3_ERR_TOO_SMALL:
            break
    ctx._check(status)
    return out.raw[:n.value].decode('utf-8', 'surrogateescape') if isinstance(like, str) else out.raw[:n.value]


class Ctx(Ctx):
    """A context: Ctx(n_threads=2, seed=1, log=print); options: fields of hw3_ctx_opts."""

    def __init__(self, **options):
        opts, self._kept = _options(hw3_ctx_opts, _lib.hw3_ctx_opts_init, options, None)
        handle = C.c_void_p()
        status = _lib.hw3_ctx_create(C.byref(opts), C.byref(handle))
        super().__init__(handle.value, None)
        if status < 0:
            raise Error(status, _lib.hw3_status_string(status).decode())

    def tensor(self, array):
        """A tensor over an array's own memory, without a copy; the array lives as long as the tensor."""
        array = np.asarray(array)
        if array.dtype not in DTYPES:
            raise TypeError(f'an array of {array.dtype}; there are {", ".join(map(str, DTYPES))}')
        n, size = array.ndim, array.dtype.itemsize
        handle = C.c_void_p()
        shape, strides = (C.c_int64 * n)(*array.shape), (C.c_int64 * n)(*(s // size for s in array.strides))
        self._check(_lib.hw3_tensor_wrap(self, DTYPES[array.dtype], n, shape, strides, array.ctypes.data, C.byref(handle)))
        return Tensor(handle.value, self, True, array)

    def arima_fit(self, y, **options):
        return super().arima_fit(y, **_model(options, np.size(y)))
    arima_fit.__doc__ = Ctx.arima_fit.__doc__ + """
        Here an order is (p, d, q), (p, d, q, P, D, Q, period) or a dict, and n_xreg follows from xreg."""

    def arima_auto(self, y, **options):
        return super().arima_auto(y, **_model(options, np.size(y)))
    arima_auto.__doc__ = Ctx.arima_auto.__doc__ + """
        Here n_xreg follows from xreg; progress=print shows what is tried."""

    def arima_fit_many(self, series, **options):
        series = [_array(y, 'series') for y in series]
        y = np.concatenate(series) if series else np.empty(0)
        return super().arima_fit_many(y, [len(s) for s in series], _coefficients(options, 0), **_model(options, 0))
    arima_fit_many.__doc__ = Ctx.arima_fit_many.__doc__ + """
        Here series is a list of arrays, or the rows of one. Returns coef, loglik, sigma2, converged, statuses."""

    def text_normalize(self, form, text):
        """A text (str or bytes) in one of Unicode's normal forms: 'nfc', 'nfd', 'nfkc', 'nfkd'."""
        form, raw = _constant('hw3_form', form), _bytes(text)
        return _text(self, text, len(raw), lambda *out: _lib.hw3_text_normalize(self, form, raw, len(raw), *out))

    def persian_normalize(self, text, edits=False, **options):
        """Persian (str or bytes) written in one way; with edits=True also the log for persian_restore, whose entries have
        at, was, now, rule. options: fields of hw3_persian_opts, as digits='persian', zwnj='keep', spacing=0."""
        raw, n = _bytes(text), C.c_int64()
        opts, _ = _options(hw3_persian_opts, _lib.hw3_persian_opts_init, options, self)
        log = (hw3_text_edit * 0)()

        def call(*out):
            nonlocal log
            log = (hw3_text_edit * n.value)()
            room = (log, n.value, C.byref(n)) if n.value else (None, 0, C.byref(n))
            return _lib.hw3_persian_normalize(self, C.byref(opts), raw, len(raw), *out, *(room if edits else (None, 0, None)))
        tidy = _text(self, text, len(raw), call)
        return (tidy, log) if edits else tidy

    def persian_restore(self, text, edits):
        """The text of which persian_normalize made this one."""
        raw = _bytes(text)
        return _text(self, text, len(raw), lambda *out: _lib.hw3_persian_restore(self, raw, len(raw), edits, len(edits), *out))

    def forecaster_load(self, path):
        forecaster = super().forecaster_load(path)
        forecaster.set_progress()  # Ctrl-C stops it as any other
        return forecaster
    forecaster_load.__doc__ = Ctx.forecaster_load.__doc__


class Forecaster(Forecaster):
    __doc__ = Forecaster.__doc__

    def set_progress(self, progress=None):
        """Sets who is told of later training, for instance of a forecaster that was loaded."""
        self._callbacks = [_progress(hw3_progress_fn, progress)]
        self._check(_lib.hw3_forecaster_set_progress(self, self._callbacks[0].function, None))


class Sampler(Sampler):
    __doc__ = Sampler.__doc__

    def add_callback(self, fn):
        """Adds a step of the caller's: fn(logits, history) changes the array logits in place; -inf takes a token out."""
        def arrays(logits, n_vocab, history, n_history):
            return np.ctypeslib.as_array(logits, (n_vocab,)), np.array([history[i] for i in range(n_history)], np.int64)
        callback = _Callback(hw3_logits_fn, fn, arrays)
        self._check(_lib.hw3_sampler_add_callback(self, callback.function, None))
        self._callbacks = (*self._callbacks, callback)


class Session(Session):
    __doc__ = Session.__doc__

    def _n_vocab(self):
        return self._keep[0].get_config().n_vocab

    def logits(self, sequence):
        """The logits behind the last token of a sequence: [n_vocab]."""
        return super().logits(sequence, self._n_vocab())

    def feed_logits(self, sequence, tokens):
        """Appends tokens to a sequence and gives the logits behind every one of them: [n, n_vocab]."""
        return super().feed_logits(sequence, tokens, self._n_vocab())

    def tokens(self, sequence):
        """The tokens of a sequence."""
        return super().tokens(sequence, self.n_tokens(sequence))

    def _generate(self, function, n, n_top, options, call):
        told = [np.empty(n), np.empty((n, n_top), np.int64), np.empty((n, n_top))][:3 if n_top else 1]
        options.update(zip(('logprobs', 'top', 'top_logprobs'), told), n_top=n_top)
        opts, kept = _options(hw3_generate_opts, _lib.hw3_generate_opts_init, options, self)
        tokens, n_tokens = np.empty(n, np.int64), C.c_int64()
        with self._interruptible(kept[1]):
            status = call(C.byref(opts), _address(tokens, C.c_int64), C.byref(n_tokens))
        result = tuple(a[:n_tokens.value] for a in (tokens, *told)) if function == 'generate' else (tokens, *told)
        self._check(status, result, kept[1])
        return result

    def generate_next(self, sequences, sampler=None, n_top=0, **options):
        """Draws a token of each sequence: tokens, logprobs and with n_top alternatives also top, top_logprobs; options: streams, slide."""
        sequences = _array(sequences, 'sequences', np.int64)
        n, streams = _length(sequences), options.get('streams')
        _sized(None if streams is None else _array(streams, 'streams', np.int64), 'streams', n)
        return self._generate('generate_next', n, n_top, options, lambda opts, tokens, _: _lib.hw3_generate_next(
            self, _address(sequences, C.c_int64), n, sampler, opts, tokens))

    def generate(self, sequence, sampler=None, max_tokens=20, n_top=0, **options):
        """Draws up to max_tokens tokens of one sequence: tokens, logprobs and with n_top alternatives also top, top_logprobs; options:
        fields of hw3_generate_opts. progress(tokens, logprob) is told after each; the result of an Error is the text so far."""
        return self._generate('generate', max_tokens, n_top, options, lambda opts, tokens, n: _lib.hw3_generate(
            self, sequence, sampler, max_tokens, opts, tokens, n))

    def generate_text(self, sequence, decoder, sampler=None, max_tokens=50, **options):
        """The text that follows, piece by piece, each as soon as it is certain, until a token of stop, a stop of the decoder or
        max_tokens ends it; options: fields of hw3_generate_opts. for piece in s.generate_text(0, tok.decoder_create()): print(piece)"""
        opts, kept = _options(hw3_generate_opts, _lib.hw3_generate_opts_init, options, self)
        n, room = C.c_int64(), C.create_string_buffer(4096)
        for _ in range(max_tokens):
            self._check(_lib.hw3_generate_text(self, sequence, sampler, decoder, C.byref(opts), room, len(room), C.byref(n)))
            if n.value:
                yield room.raw[:n.value].decode('utf-8', 'replace')
            if decoder.stopped():
                break
        rest = decoder.finish()
        if rest:
            yield rest


class Tokenizer(Tokenizer):
    __doc__ = Tokenizer.__doc__

    def _read(self, function, make, *arguments):
        """What a function gives that is asked for its length first."""
        n = C.c_int64()
        status = function(self, *arguments, None, 0, C.byref(n))
        if status != HW3_ERR_TOO_SMALL:
            self._check(status)
        out = make(n.value)
        self._check(function(self, *arguments, out if isinstance(out, C.Array) else _address(out, C.c_int64), n.value, C.byref(n)))
        return out.raw[:n.value] if isinstance(out, C.Array) else out

    def _tokens(self, tokens):
        tokens = _array(tokens, 'tokens', np.int64)
        return tokens, _address(tokens, C.c_int64), tokens.size

    def add(self, texts, special=1):
        """Adds texts that are tokens wherever they stand; those that are there already stay as they are."""
        texts = _texts(texts)
        self._check(_lib.hw3_tokenizer_add(self, (C.c_char_p * len(texts))(*texts), len(texts), special))

    def find(self, text):
        """The token of a text, as " food"."""
        text = _bytes(text)
        return self._check(_lib.hw3_tokenizer_find(self, text, len(text)))

    def token(self, token):
        """The bytes of a token alone."""
        return self._read(_lib.hw3_tokenizer_token, C.create_string_buffer, token)

    def encode(self, text, pair=None, offsets=False, types=False, **options):
        """The tokens of a text, str or bytes; with offsets and types also the bytes [n, 2] that they stand for, and their types [n].
        options: add_special, find_special."""
        text, made = _bytes(text), {}
        if pair is not None:
            options.update(pair=_bytes(pair), n_pair=len(_bytes(pair)))
        opts, kept = _options(hw3_encode_opts, _lib.hw3_encode_opts_init, options, self)

        def make(n):
            for name, shape, wanted in (('offsets', (n, 2), offsets), ('types', (n,), types)):
                if wanted:
                    made[name] = np.empty(shape, np.int64)
                    setattr(opts, name, _address(made[name], C.c_int64))
            return np.empty(n, np.int64)
        tokens = self._read(_lib.hw3_tokenizer_encode, make, text, len(text), C.byref(opts))
        return (tokens, *made.values()) if made else tokens

    def encode_batch(self, texts, **options):
        """The tokens of each of many texts, on all threads: a list of arrays. options: add_special, find_special."""
        texts = _texts(texts)
        lengths, starts = np.array([len(t) for t in texts], np.int64), np.zeros(len(texts) + 1, np.int64)
        opts, kept = _options(hw3_encode_opts, _lib.hw3_encode_opts_init, options, self)
        arguments = ((C.c_char_p * len(texts))(*texts), _address(lengths, C.c_int64), len(texts), C.byref(opts))
        tokens = np.empty(int(lengths.sum()) + 8 * len(texts), np.int64)
        status = _lib.hw3_tokenizer_encode_batch(self, *arguments, _address(tokens, C.c_int64), tokens.size, _address(starts, C.c_int64))
        if status == HW3_ERR_TOO_SMALL:
            tokens = np.empty(starts[-1], np.int64)
            status = _lib.hw3_tokenizer_encode_batch(self, *arguments, _address(tokens, C.c_int64), tokens.size, _address(starts, C.c_int64))
        self._check(status)
        return np.split(tokens[:starts[-1]], starts[1:-1]) if texts else []

    def decode(self, tokens, as_bytes=False, **options):
        """The text of tokens, where bytes that are no character show as U+FFFD; as_bytes: as they are. options: skip_special, stops."""
        tokens, *arguments = self._tokens(tokens)
        opts, kept = _options(hw3_decode_opts, _lib.hw3_decode_opts_init, options, self)
        text = self._read(_lib.hw3_tokenizer_decode, C.create_string_buffer, *arguments, C.byref(opts))
        return text if as_bytes else text.decode('utf-8', 'replace')

    def view(self, tokens):
        """A line for people: "|Good| food|"."""
        tokens, *arguments = self._tokens(tokens)
        return self._read(_lib.hw3_tokenizer_view, C.create_string_buffer, *arguments).decode()


class Decoder(Decoder):
    __doc__ = Decoder.__doc__

    def _take(self, function, *arguments):
        n, room = C.c_int64(), C.create_string_buffer(256)
        status = function(self, *arguments, room, len(room), C.byref(n))
        if status == HW3_ERR_TOO_SMALL:
            room = C.create_string_buffer(n.value)
            status = function(self, *arguments, room, len(room), C.byref(n))
        self._check(status)
        return room.raw[:n.value].decode('utf-8', 'replace')

    def push(self, token):
        """Takes a token and gives the text that is certain now."""
        return self._take(_lib.hw3_decoder_push, token)

    def finish(self):
        """Gives the text that was held back; the decoder is as new afterwards."""
        return self._take(_lib.hw3_decoder_finish)


class Tensor(Tensor):
    __doc__ = Tensor.__doc__

    def numpy(self):
        """The elements as an array of their own."""
        shape = tuple(self.size(d) for d in range(self.n_dims()))
        kind = {value: key for key, value in DTYPES.items()}[self.dtype()]
        out = np.empty(shape, kind)
        self._check(_lib.hw3_tensor_read(self, out.ctypes.data, out.nbytes))
        return out

    def assign(self, array):
        """Copies an array of the same shape in."""
        kind = {value: key for key, value in DTYPES.items()}[self.dtype()]
        array = np.asarray(array, kind, order='C')
        shape = tuple(self.size(d) for d in range(self.n_dims()))
        if array.shape != shape:
            raise ValueError(f'array has shape {array.shape}, but the tensor {shape}')
        self._check(_lib.hw3_tensor_write(self, array.ctypes.data, array.nbytes))


class Graph(Graph):
    __doc__ = Graph.__doc__

    def value(self, var, dtype=np.float32, _read='hw3_var_read'):
        """A value as an array; dtype must be the graph's."""
        shape, n_dims = (C.c_int64 * 8)(), C.c_int32()
        self._check(_lib.hw3_var_shape(self, var, shape, C.byref(n_dims)))
        out = np.empty(tuple(shape[:n_dims.value]), dtype)
        self._check(getattr(_lib, _read)(self, var, out.ctypes.data, out.nbytes))
        return out

    def grad(self, var, dtype=np.float32):
        """The gradient of the loss by a value, after backward."""
        return self.value(var, dtype, 'hw3_var_read_grad')


class Arima(Arima):
    __doc__ = Arima.__doc__

    def _read(self, function, *sizes):
        out = [np.empty(size) for size in sizes]
        self._check(function(self, *(_address(a, C.c_double) for a in out), sizes[0][0] if sizes else 0))
        return out

    def candidates(self):
        """The models that a search tried, in its order."""
        return [self.candidate(i) for i in range(self.n_candidates())]

    def names(self):
        """Names of the coefficients, in their order."""
        return [self.coef_name(i) for i in range(self.describe().n_coef)]

    def coef(self):
        """Coefficients and their standard errors: two arrays in the order of names()."""
        n = self.describe().n_coef
        return tuple(self._read(_lib.hw3_arima_coef, (n,), (n,)))

    def cov(self):
        """Covariance of the coefficients."""
        n = self.describe().n_coef
        return self._read(_lib.hw3_arima_cov, (n, n))[0]

    def residuals(self):
        """Standardised innovations, one for each value of the series."""
        return self._read(_lib.hw3_arima_residuals, (self.describe().n,))[0]

    def fitted(self):
        """Forecasts of each value of the series from those before it."""
        return self._read(_lib.hw3_arima_fitted, (self.describe().n,))[0]

    def __str__(self):
        i, (coef, se) = self.describe(), self.coef()
        rows = [_model_text(i) + f', {i.n} values' + (f', {i.n_missing} missing' if i.n_missing else '')]
        rows += [f'Box-Cox transformation: lambda {i.lam:.6g}'] if i.boxcox else []
        rows += [f'  {name:>10} {c:12.6g}   s.e. {e:.4g}' for name, c, e in zip(self.names(), coef, se)]
        criteria = f', AIC {i.aic:.2f}, AICc {i.aicc:.2f}, BIC {i.bic:.2f}' if i.aic == i.aic else ''
        rows += [f'sigma2 {i.sigma2:.6g}, log-likelihood {i.loglik:.2f}{criteria}']
        return '\n'.join(rows if i.converged else rows + ['the search had not converged'])

    def __repr__(self):
        return str(self) if self._handle else super().__repr__()


def _model_text(i):
    """Such as ARIMA(0,1,1)(0,1,1)[12] with drift; of a fit or a candidate."""
    o = i.order
    seasonal = f'({o.P},{o.D},{o.Q})[{o.period}]' if o.period > 1 else ''
    return f'ARIMA({o.p},{o.d},{o.q}){seasonal}' + (' with drift' if i.drift else ' with mean' if i.mean else '')


def _trial_text(self):
    reason = '' if self.reason == HW3_ARIMA_ELIGIBLE else '  ' + self._text('reason').strip("'")
    return f'{_model_text(self):<40} {self.ic:12.4f}{reason}'


def _history(self, function):
    n = C.c_int64()
    function(self, None, None, 0, C.byref(n))
    train, val = np.empty(n.value), np.empty(n.value)
    self._check(function(self, _address(train, C.c_double), _address(val, C.c_double), n.value, C.byref(n)))
    return train, val


def _trainer_history(self):
    """Losses of the epochs done: (train, validation)."""
    return _history(self, _lib.hw3_trainer_history)


def _forecaster_history(self):
    """Losses of the epochs done: (train, validation), in the scaled unit."""
    return _history(self, _lib.hw3_forecaster_history)


def _series_windows(self, y, window, horizon=1):
    """Windows x[i] = y[i .. i + window - 1] and targets y[i + window + horizon - 1]."""
    y = _array(y, 'y')
    n = C.c_int64()
    self._check(_lib.hw3_series_windows(self, _address(y, C.c_double), y.size, window, horizon, None, None, C.byref(n)))
    x, target = np.empty((n.value, window)), np.empty(n.value)
    self._check(_lib.hw3_series_windows(self, _address(y, C.c_double), y.size, window, horizon,
                                        _address(x, C.c_double), _address(target, C.c_double), C.byref(n)))
    return x, target


def _tokenizer_train(self, texts, **options):
    """Learns byte-level BPE from texts, str or bytes; options: fields of hw3_tokenizer_train_opts, as n_vocab, specials."""
    texts, out = _texts(texts), C.c_void_p()
    lengths = np.array([len(t) for t in texts], np.int64)
    opts, kept = _options(hw3_tokenizer_train_opts, _lib.hw3_tokenizer_train_opts_init, options, self)
    self._check(_lib.hw3_tokenizer_train(self, (C.c_char_p * len(texts))(*texts), _address(lengths, C.c_int64), len(texts), C.byref(opts),
                                         C.byref(out)))
    return Tokenizer(out.value, self, True, (self,))


Trainer.history, Forecaster.history, Ctx.series_windows = _trainer_history, _forecaster_history, _series_windows
Ctx.tokenizer_train = _tokenizer_train
hw3_arima_trial.__str__ = _trial_text
DTYPES = {np.dtype(np.float32): HW3_F32, np.dtype(np.float64): HW3_F64, np.dtype(np.int64): HW3_I64}
