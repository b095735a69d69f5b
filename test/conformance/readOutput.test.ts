import test from 'ava';
import { failingLines, readOutput } from './readOutput.ts';
import { judge, table } from './report.ts';

const output = `=== RUN   TestConformance
    conformance.go:60: Running conformance tests with:
=== RUN   TestConformance/MeshBasic
=== RUN   TestConformance/MeshBasic/Send_to_service
    http.go:10: 2026-11-25T14:00:00.1Z: Request passed
=== RUN   TestConformance/MeshPorts
=== RUN   TestConformance/MeshPorts/Send_to_port
    http.go:10: 2026-11-25T14:00:00.2Z: expected status 200, got 500
    http.go:10: 2026-11-25T14:00:00.3Z: expected status 200, got 500
=== NAME  TestConformance/MeshPorts
    ports.go:50: Error: request failed
=== RUN   TestConformance/GatewayThing
    suite.go:570: Skipping GatewayThing: not supported
--- FAIL: TestConformance (9.00s)
    --- PASS: TestConformance/MeshBasic (1.50s)
        --- PASS: TestConformance/MeshBasic/Send_to_service (1.40s)
    --- FAIL: TestConformance/MeshPorts (7.25s)
        --- FAIL: TestConformance/MeshPorts/Send_to_port (7.00s)
    --- SKIP: TestConformance/GatewayThing (0.00s)
FAIL
`;

test('each test has its outcome, its time and the parts that failed', (t) => {
  const results = readOutput(output);
  t.deepEqual(
    results.map(({ name, outcome, seconds, failedParts }) => ({ name, outcome, seconds, failedParts })),
    [
      { name: 'MeshBasic', outcome: 'pass', seconds: 1.5, failedParts: [] },
      { name: 'MeshPorts', outcome: 'fail', seconds: 7.25, failedParts: ['Send_to_port'] },
      { name: 'GatewayThing', outcome: 'skip', seconds: 0, failedParts: [] },
    ],
  );
});

test('the reasons of a failure are shown once each, below its line', (t) => {
  const [, ports] = readOutput(output);
  t.deepEqual(ports === undefined ? [] : failingLines(ports, 6), [
    'http.go:10: expected status 200, got 500',
    'ports.go:50: Error: request failed',
  ]);
  t.regex(
    table(readOutput(output), ['MeshPorts']),
    /MeshPorts +.*fail.*\n.*Send_to_port\n.*got 500\n.*request failed$/,
  );
});

test('a test that must pass is missed when it failed, was skipped or did not run at all', (t) => {
  t.deepEqual(judge(readOutput(output), ['MeshBasic', 'MeshPorts', 'GatewayThing', 'MeshFrontend']), [
    'MeshPorts: fail',
    'GatewayThing: skip',
    'MeshFrontend did not run',
  ]);
});
