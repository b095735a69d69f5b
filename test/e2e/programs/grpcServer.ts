import { type handleServerStreamingCall, type handleUnaryCall, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { echo } from './grpcService.ts';

// grpcServer.ts <name> <port>: answers with its name, or as the method says.
const [name = '', port = ''] = process.argv.slice(2);

const who: handleUnaryCall<string, string> = (_, done) => done(null, name);
const refuse: handleUnaryCall<string, string> = (call, done) =>
  done({ code: status[call.request as keyof typeof status], details: `${name} refuses` });
const hang: handleUnaryCall<string, string> = () => undefined;
const count: handleServerStreamingCall<string, string> = (call) => {
  for (let at = 0; at < Number(call.request); at++) call.write(`${name} ${at}`);
  call.end();
};

const server = new Server();
server.addService(echo, { who, canary: who, refuse, hang, count });
server.bindAsync(`[::]:${port}`, ServerCredentials.createInsecure(), (error) => {
  if (error !== null) throw error;
  console.log('listening');
});
