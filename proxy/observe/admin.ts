import { type LogLevel, logLevels } from '../../runtime/log.ts';
import { type AccessLogLevel, accessLogModes } from './accessLog.ts';
import { answersOnly, type OperatorServer, type Reply, type ReplyTo, serveOperator } from '../../runtime/httpServer.ts';

/** What the admin port shows and changes. */
export type AdminSubject = {
  /** The current routing table, as something that JSON can hold. */
  readonly config: () => unknown;
  readonly revision: () => string;
  readonly log: { level: string };
  readonly accessLog: AccessLogLevel;
};

type Action = (query: URLSearchParams, subject: AdminSubject) => Reply;

const help = `Heddle sidecar
GET /config                               the routing table
GET /config/revision                      revision of the last configuration received
GET /log-level                            level of the log
PUT /log-level?level=debug                one of ${logLevels.join(', ')}
GET /access-log                           which requests are logged
PUT /access-log?mode=errors&sample=100    mode: ${accessLogModes.join(', ')}; sample: one in N of the successful ones
`;

const actions: Readonly<Record<string, Readonly<Record<string, Action>>>> = {
  '/': { GET: () => ({ status: 200, body: help }) },
  '/config': { GET: (_query, subject) => json(subject.config()) },
  '/config/revision': { GET: (_query, subject) => ({ status: 200, body: `${subject.revision()}\n` }) },
  '/log-level': { GET: (_query, { log }) => ({ status: 200, body: `${log.level}\n` }), PUT: setLogLevel },
  '/access-log': { GET: (_query, { accessLog }) => json(accessLog), PUT: setAccessLog },
};

/** Answers one admin request. */
export function replyToAdmin(subject: AdminSubject): ReplyTo {
  return ({ method, path, query }) => {
    const known = Object.hasOwn(actions, path) ? actions[path] : undefined;
    if (known === undefined) return { status: 404, body: `There is no ${path} here.\n\n${help}` };
    const action = known[method === 'HEAD' ? 'GET' : method];
    if (action !== undefined) return action(query, subject);
    return answersOnly(Object.keys(known), path, `\n${help}`);
  };
}

/** The admin port, reachable from inside the pod only. */
export function serveAdmin(options: {
  readonly port: number;
  readonly subject: AdminSubject;
  readonly onError: (error: unknown) => void;
}): Promise<OperatorServer> {
  const { port, onError } = options;
  return serveOperator({ port, onError, reach: 'loopback', replyTo: replyToAdmin(options.subject) });
}

function setLogLevel(query: URLSearchParams, subject: AdminSubject): Reply {
  const level = logLevels.find((known: LogLevel) => known === query.get('level'));
  if (level === undefined) return wrong(`Give ?level= one of ${logLevels.join(', ')}.`);
  subject.log.level = level;
  return { status: 200, body: `${level}\n` };
}

function setAccessLog(query: URLSearchParams, { accessLog }: AdminSubject): Reply {
  const mode = accessLogModes.find((known) => known === (query.get('mode') ?? accessLog.mode));
  if (mode === undefined) return wrong(`Give ?mode= one of ${accessLogModes.join(', ')}.`);
  const sample = query.get('sample') ?? String(accessLog.sampleOneIn);
  if (!/^[1-9]\d{0,8}$/.test(sample)) return wrong('Give ?sample= a whole number from 1: one in that many is logged.');
  accessLog.mode = mode;
  accessLog.sampleOneIn = Number(sample);
  return json(accessLog);
}

function json(value: unknown): Reply {
  return { status: 200, body: `${JSON.stringify(value, undefined, 2)}\n`, contentType: 'application/json' };
}

function wrong(message: string): Reply {
  return { status: 400, body: `${message}\n` };
}
