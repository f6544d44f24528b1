# SPDX-License-Identifier: MIT


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
