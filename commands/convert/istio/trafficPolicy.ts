import { endpointAnnotations } from '../../../contract/labels.ts';
import type { Reading } from '../reading.ts';
import { readDuration } from '../duration.ts';

/** The annotations of a Service that say what a trafficPolicy says; what none says is told. */
export function readPolicy(policy: Reading): Readonly<Record<string, string>> {
  const pool = policy.at('connectionPool');
  const outliers = policy.at('outlierDetection');
  const balancer = policy.at('loadBalancer');
  const connections = pool.at('tcp').at('maxConnections').number();
  const waiting = pool.at('http').at('http1MaxPendingRequests').number();
  const failures = outliers.at('consecutive5xxErrors').number() ?? outliers.at('consecutiveGatewayErrors').number();
  const ejection = readDuration(outliers.at('baseEjectionTime'));
  const warmup = readDuration(balancer.at('warmupDurationSecs'));
  readBalancer(balancer);
  readTls(policy.at('tls'));
  const values: Readonly<Record<string, string | number | undefined>> = {
    [endpointAnnotations.maxConnections]: connections,
    [endpointAnnotations.maxWaitingRequests]: waiting,
    [endpointAnnotations.outlierFailures]: failures,
    [endpointAnnotations.outlierEjection]: ejection,
    [endpointAnnotations.slowStart]: warmup,
  };
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}

function readBalancer(balancer: Reading): void {
  const simple = balancer.at('simple');
  const name = simple.text();
  if (name !== undefined && !/^(?:LEAST_REQUEST|LEAST_CONN|UNSPECIFIED)$/.test(name))
    simple.lost('endpoints are chosen by latency, load and failures');
  balancer.at('consistentHash').lost('sessionAffinity: ClientIP of the Service has a client stay with an endpoint');
  balancer.at('localityLbSetting').lost('trafficDistribution of the Service keeps requests in their zone or node');
}

function readTls(tls: Reading): void {
  const mode = tls.at('mode').text();
  if (mode === 'DISABLE') return;
  tls.lost('traffic between pods is not encrypted yet');
}
