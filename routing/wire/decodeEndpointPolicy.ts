import type { EndpointPolicy } from '../model.ts';
import { expect, expectNoUnknownFields } from './expect.ts';
import type { EndpointPolicy as WireEndpointPolicy } from './generated/heddle/v1/routing_pb.ts';

/** The policy in a message, with nothing for what is not in it. Throws for what nobody can keep, naming the field. */
export function endpointPolicyOf(message: WireEndpointPolicy, field: string): EndpointPolicy {
  const { outlierFailures, outlierEjectionMs, slowStartMs, maxConnections, maxWaitingRequests } = message;
  expectNoUnknownFields(message, field);
  expect(maxConnections !== 0, `${field}.max_connections`, 'is 0: no request would ever be sent');
  expect(outlierEjectionMs !== 0, `${field}.outlier_ejection_ms`, 'is 0');
  return {
    ...(outlierFailures === undefined ? {} : { outlierFailures }),
    ...(outlierEjectionMs === undefined ? {} : { outlierEjectionMs }),
    ...(slowStartMs === undefined ? {} : { slowStartMs }),
    ...(maxConnections === undefined ? {} : { maxConnections }),
    ...(maxWaitingRequests === undefined ? {} : { maxWaitingRequests }),
  };
}
