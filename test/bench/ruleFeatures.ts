const timeouts = { timeouts: { request: '10s', backendRequest: '5s' } };
const retry = { retry: { attempts: 2, backoff: '25ms', codes: [502, 503, 504] } };
const cors = {
  type: 'CORS',
  cors: {
    allowOrigins: ['https://*.shop.example', 'https://admin.example'],
    allowCredentials: true,
    allowMethods: ['GET', 'POST'],
    exposeHeaders: ['x-request-id'],
  },
};
const mirror = {
  type: 'RequestMirror',
  requestMirror: { backendRef: { name: 'v1', port: 80 }, percent: 0 },
};

/** An origin that the CORS filter allows. */
export const allowedOrigin = 'https://www.shop.example';

/** What the rule of a Service says besides its backend, by the Service's name. */
export const ruleFeatures: Readonly<Record<string, object>> = {
  timeouts,
  retry,
  cors: { filters: [cors] },
  mirror: { filters: [mirror] },
  together: { ...timeouts, ...retry, filters: [cors, mirror] },
};
