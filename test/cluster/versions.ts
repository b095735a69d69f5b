/** What the test cluster is made of; a change of any of them builds anew. Sources: the Go module proxy and Debian. */
export const versions = {
  kubernetes: '1.36.3',
  etcd: '3.6.16',
  coredns: '1.15.0',
  gatewayApi: '1.6.3',
  /** Only its CRDs are installed. `sum` as sum.golang.org has it. */
  newerGatewayApi: { version: '1.7.0', sum: 'h1:duVnm7nO6oXfMMUWfcDoBph47CYR/ME3NGxccOVglaY=' },
  /** Only its CRDs are installed. */
  prometheusOperator: '0.85.0',
  /** The only version of this module that the Go module proxy serves. */
  istio: '0.0.0-20240418224740-ed90e14d3473',
} as const;
