import test from 'ava';
import { serviceRules } from '../../lab/services.ts';

const web = {
  clusterIPs: ['10.96.0.1', 'fd00:96::1'],
  port: 80,
  endpoints: [
    { address: '10.1.0.1', port: 8080 },
    { address: 'fd00::1', port: 8080 },
    { address: '10.1.0.2', port: 8080 },
    { address: '10.1.0.3', port: 8080 },
  ],
};

function rules(family: 4 | 6): string[] {
  return serviceRules(family, [web])
    .split('\n')
    .filter((line) => line.startsWith('-A SERVICES'));
}

test('each endpoint has the same share: 1 of 3, then 1 of the 2 left, then the rest', (t) => {
  t.deepEqual(rules(4), [
    '-A SERVICES -d 10.96.0.1 -p tcp --dport 80 -m statistic --mode random --probability 0.33333333 -j DNAT --to-destination 10.1.0.1:8080',
    '-A SERVICES -d 10.96.0.1 -p tcp --dport 80 -m statistic --mode random --probability 0.50000000 -j DNAT --to-destination 10.1.0.2:8080',
    '-A SERVICES -d 10.96.0.1 -p tcp --dport 80 -j DNAT --to-destination 10.1.0.3:8080',
  ]);
});

test('each family has its own ClusterIP and endpoints, IPv6 in brackets', (t) => {
  t.deepEqual(rules(6), ['-A SERVICES -d fd00:96::1 -p tcp --dport 80 -j DNAT --to-destination [fd00::1]:8080']);
});
