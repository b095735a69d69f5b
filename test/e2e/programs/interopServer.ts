import {
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
} from '@grpc/grpc-js';
import {
  bodyIn,
  field,
  initial,
  type Message,
  messagesIn,
  numberIn,
  payload,
  testService,
  trailing,
} from './interopService.ts';

// interopServer.ts <port>: grpc-js as the server of gRPC's cases of interoperability.
const [port = ''] = process.argv.slice(2);

function copied(name: string, from: Metadata): Metadata {
  const metadata = new Metadata();
  for (const value of from.get(name)) metadata.add(name, value);
  return metadata;
}

/** The status that a request asks for. */
function asked(request: Message): { readonly code: number; readonly details: string } | undefined {
  const [status] = messagesIn(request, field.status);
  if (status === undefined) return undefined;
  const text = status.find(([number]) => number === 2)?.[1];
  return { code: numberIn(status, 1), details: typeof text === 'object' ? Buffer.from(text).toString() : '' };
}

const emptyCall: handleUnaryCall<Message, Message> = (_, done) => done(null, []);

const unaryCall: handleUnaryCall<Message, Message> = (call, done) => {
  const { request, metadata } = call;
  const first = copied(initial, metadata);
  if (first.get(initial).length > 0) call.sendMetadata(first);
  const status = asked(request);
  if (status !== undefined) return done(status);
  done(null, [[1, payload(numberIn(request, field.size))]], copied(trailing, metadata));
};

const streamingOutputCall: handleServerStreamingCall<Message, Message> = (call) => {
  for (const parameters of messagesIn(call.request, field.parameters))
    call.write([[1, payload(numberIn(parameters, 1))]]);
  call.end();
};

const streamingInputCall: handleClientStreamingCall<Message, Message> = (call, done) => {
  let sum = 0;
  call.on('data', (request: Message) => {
    sum += bodyIn(request, 1).length;
  });
  call.on('end', () => done(null, [[1, sum]]));
  call.on('error', () => undefined);
};

const fullDuplexCall: handleBidiStreamingCall<Message, Message> = (call) => {
  const first = copied(initial, call.metadata);
  if (first.get(initial).length > 0) call.sendMetadata(first);
  call.on('data', (request: Message) => {
    const status = asked(request);
    if (status !== undefined) call.emit('error', status);
    for (const parameters of messagesIn(request, field.parameters)) call.write([[1, payload(numberIn(parameters, 1))]]);
  });
  call.on('end', () => call.end(copied(trailing, call.metadata)));
};

const server = new Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 });
server.addService(testService, { emptyCall, unaryCall, streamingOutputCall, streamingInputCall, fullDuplexCall });
server.bindAsync(`[::]:${port}`, ServerCredentials.createInsecure(), (error) => {
  if (error !== null) throw error;
  console.log('listening');
});
