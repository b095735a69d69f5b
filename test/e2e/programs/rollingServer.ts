import { setTimeout as sleep } from 'node:timers/promises';
import { type handleServerStreamingCall, type handleUnaryCall, Server, ServerCredentials } from '@grpc/grpc-js';
import { echo } from './grpcService.ts';

/**
 * `node rollingServer.ts <name> <port> goaway|killed [age]`: answers `Who` and each message of `Tick` with its name and pid, so
 * that one that was started again has another one. On SIGTERM it ends as grpc-js does it, by GOAWAY, when its RPCs are done
 * (`goaway`), or at once (`killed`). With an age in ms it ends every connection so that is as old.
 */
const [name = '', port = '', end, age] = process.argv.slice(2);
const me = `${name}/${process.pid}`;

const who: handleUnaryCall<string, string> = (_, done) => done(null, me);
const tick: handleServerStreamingCall<string, string> = async (call) => {
  for (let at = 0; at < Number(call.request); at++) {
    call.write(me);
    await sleep(10);
  }
  call.end();
};

const server = new Server(
  age === undefined ? {} : { 'grpc.max_connection_age_ms': Number(age), 'grpc.max_connection_age_grace_ms': 3_600_000 },
);
const { who: unary, tick: streaming } = echo;
server.addService({ unary, streaming }, { unary: who, streaming: tick });
server.bindAsync(`[::]:${port}`, ServerCredentials.createInsecure(), (error) => {
  if (error !== null) throw error;
  console.log('listening');
});
if (end === 'goaway') process.on('SIGTERM', () => server.tryShutdown(() => process.exit(0)));
