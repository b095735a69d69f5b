"""grpcio in gRPC's cases of interoperability.

interop.py server <port>
interop.py client plain|gzip <address>...

The client prints a line for each case.
"""

import sys
import threading
from concurrent import futures

import grpc

SERVICE = "grpc.testing.TestService"
INITIAL = "x-grpc-test-echo-initial"
TRAILING = "x-grpc-test-echo-trailing-bin"
OPTIONS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
SIZE, PARAMETERS, PAYLOAD, STATUS = 2, 2, 3, 7


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def encode(*fields):
    """A Protobuf message of numbers and bytes."""
    out = bytearray()
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
        else:
            out += varint(number << 3 | 2) + varint(len(value)) + value
    return bytes(out)


def decode(data):
    """The fields of such a message: their numbers, each with its values."""
    fields = {}
    at = 0

    def number():
        nonlocal at
        result = shift = 0
        while True:
            byte = data[at]
            at += 1
            result |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return result

    while at < len(data):
        tag = number()
        value = number()
        if tag & 7 == 2:
            value, at = data[at : at + value], at + value
        fields.setdefault(tag >> 3, []).append(value)
    return fields


def payload(length):
    return encode((2, bytes(length)))


def body_length(fields, number):
    return sum(len(decode(part).get(2, [b""])[0]) for part in fields.get(number, []))


def sizes(request):
    """The sizes of the answers that a request wants."""
    return [decode(part).get(1, [0])[0] for part in request.get(PARAMETERS, [])]


# The server.


def refuse(request, context):
    for status in request.get(STATUS, []):
        fields = decode(status)
        code = next(one for one in grpc.StatusCode if one.value[0] == fields[1][0])
        context.abort(code, fields[2][0].decode())


def echo_metadata(context):
    sent = dict(context.invocation_metadata())
    if INITIAL in sent:
        context.send_initial_metadata([(INITIAL, sent[INITIAL])])
    if TRAILING in sent:
        context.set_trailing_metadata([(TRAILING, sent[TRAILING])])


def unary_call(request, context):
    echo_metadata(context)
    refuse(request, context)
    return encode((1, payload(request.get(SIZE, [0])[0])))


def streaming_output_call(request, _):
    for size in sizes(request):
        yield encode((1, payload(size)))


def streaming_input_call(requests, _):
    return encode((1, sum(body_length(request, 1) for request in requests)))


def full_duplex_call(requests, context):
    echo_metadata(context)
    for request in requests:
        refuse(request, context)
        yield from streaming_output_call(request, context)


def serve(port):
    handlers = {
        "EmptyCall": grpc.unary_unary_rpc_method_handler(lambda *_: b"", decode),
        "UnaryCall": grpc.unary_unary_rpc_method_handler(unary_call, decode),
        "StreamingOutputCall": grpc.unary_stream_rpc_method_handler(streaming_output_call, decode),
        "StreamingInputCall": grpc.stream_unary_rpc_method_handler(streaming_input_call, decode),
        "FullDuplexCall": grpc.stream_stream_rpc_method_handler(full_duplex_call, decode),
    }
    server = grpc.server(futures.ThreadPoolExecutor(32), options=OPTIONS, compression=grpc.Compression.Gzip)
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, handlers)])
    server.add_insecure_port(f"[::]:{port}")
    server.start()
    print("listening", flush=True)
    server.wait_for_termination()


# The client.

REQUEST_SIZES = [27_182, 8, 1_828, 45_904]
ANSWER_SIZES = [31_415, 9, 2_653, 58_979]
HUGE = 6_000_000


def equal(actual, expected):
    if actual != expected:
        raise AssertionError(f"{actual!r} instead of {expected!r}")


def fails(call, code, message=None):
    try:
        call()
    except grpc.RpcError as error:
        equal(error.code(), code)
        if message is not None:
            equal(error.details(), message)
    else:
        raise AssertionError(f"no {code}")


class Cases:
    """Each method is a case."""

    def __init__(self, channel):
        self._unary = channel.unary_unary
        self._empty_call = channel.unary_unary(f"/{SERVICE}/EmptyCall")
        self._unary_call = channel.unary_unary(f"/{SERVICE}/UnaryCall", None, decode)
        self._streaming_output = channel.unary_stream(f"/{SERVICE}/StreamingOutputCall", None, decode)
        self._streaming_input = channel.stream_unary(f"/{SERVICE}/StreamingInputCall", None, decode)
        self._duplex = channel.stream_stream(f"/{SERVICE}/FullDuplexCall", None, decode)

    def _exchange(self, size, answer_size):
        answer = self._unary_call(encode((SIZE, answer_size), (PAYLOAD, payload(size))))
        equal(body_length(answer, 1), answer_size)

    def empty_unary(self):
        equal(self._empty_call(b""), b"")

    def large_unary(self):
        self._exchange(271_828, 314_159)

    def client_streaming(self):
        answer = self._streaming_input(encode((1, payload(size))) for size in REQUEST_SIZES)
        equal(answer[1], [sum(REQUEST_SIZES)])

    def server_streaming(self):
        answers = self._streaming_output(encode(*((PARAMETERS, encode((1, size))) for size in ANSWER_SIZES)))
        equal([body_length(answer, 1) for answer in answers], ANSWER_SIZES)

    def ping_pong(self):
        seen = []
        answered = threading.Semaphore(1)

        def requests():
            for size, answer_size in zip(REQUEST_SIZES, ANSWER_SIZES):
                answered.acquire()
                yield encode((PARAMETERS, encode((1, answer_size))), (PAYLOAD, payload(size)))

        for answer in self._duplex(requests()):
            seen.append(body_length(answer, 1))
            answered.release()
        equal(seen, ANSWER_SIZES)

    def empty_stream(self):
        equal(list(self._duplex(iter(()))), [])

    def timeout_on_sleeping_server(self):
        request = encode((PAYLOAD, payload(27_182)))
        over = threading.Event()

        def requests():
            yield request
            over.wait()

        fails(lambda: list(self._duplex(requests(), timeout=0.001)), grpc.StatusCode.DEADLINE_EXCEEDED)
        over.set()

    def cancel_after_begin(self):
        over = threading.Event()

        def requests():
            over.wait()
            yield from ()

        call = self._streaming_input.future(requests())
        call.cancel()
        equal(call.cancelled(), True)
        over.set()

    def cancel_after_first_response(self):
        request = encode((PARAMETERS, encode((1, 31_415))), (PAYLOAD, payload(27_182)))

        over = threading.Event()

        def requests():
            yield request
            over.wait()

        call = self._duplex(requests())
        equal(body_length(next(call), 1), 31_415)
        call.cancel()
        fails(lambda: next(call), grpc.StatusCode.CANCELLED)
        over.set()

    def status_code_and_message(self):
        request = encode((STATUS, encode((1, 2), (2, b"test status message"))))
        told = (grpc.StatusCode.UNKNOWN, "test status message")
        fails(lambda: self._unary_call(request), *told)
        fails(lambda: list(self._duplex(iter([request]))), *told)

    def special_status_message(self):
        message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"
        request = encode((STATUS, encode((1, 2), (2, message.encode()))))
        fails(lambda: self._unary_call(request), grpc.StatusCode.UNKNOWN, message)

    def custom_metadata(self):
        initial = (INITIAL, "test_initial_metadata_value")
        trailing = (TRAILING, b"\xab\x0a\x0b\x0a\x0b\x0a\x0b")
        request = encode((SIZE, 1), (PAYLOAD, payload(1)))
        _, unary = self._unary_call.with_call(request, metadata=[initial, trailing])
        request = encode((PARAMETERS, encode((1, 1))), (PAYLOAD, payload(1)))
        duplex = self._duplex(iter([request]), metadata=[initial, trailing])
        equal(len(list(duplex)), 1)
        for call in (unary, duplex):
            equal([tuple(one) for one in call.initial_metadata() if one[0] == INITIAL], [initial])
            equal([tuple(one) for one in call.trailing_metadata() if one[0] == TRAILING], [trailing])

    def unimplemented_method(self):
        fails(lambda: self._unary(f"/{SERVICE}/UnimplementedCall")(b""), grpc.StatusCode.UNIMPLEMENTED)

    def unimplemented_service(self):
        call = self._unary("/grpc.testing.UnimplementedService/UnimplementedCall")
        fails(lambda: call(b""), grpc.StatusCode.UNIMPLEMENTED)

    def huge_unary(self):
        self._exchange(HUGE, HUGE)


def call(mode, addresses):
    compression = grpc.Compression.Gzip if mode == "gzip" else grpc.Compression.NoCompression
    for address in addresses:
        with grpc.insecure_channel(address, OPTIONS, compression) as channel:
            cases = Cases(channel)
            for name in [name for name in vars(Cases) if not name.startswith("_")]:
                try:
                    getattr(cases, name)()
                    print(address, name, "passed", flush=True)
                except Exception as error:  # Whatever it is: the case failed by it.
                    print(address, name, "failed:", repr(error), flush=True)


if sys.argv[1] == "server":
    serve(sys.argv[2])
else:
    call(sys.argv[2], sys.argv[3:])
