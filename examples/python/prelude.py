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
