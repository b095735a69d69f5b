/** A profile of the suite that concerns a mesh. */
export type Profile = 'MESH-HTTP' | 'MESH-GRPC';

/** The mesh tests of suite v1.6.3 that speak HTTP: all that there are, in no profile's terms. */
const httpTests = [
  'MeshBasic',
  'MeshTrafficSplit',
  'MeshFrontend',
  'MeshFrontendHostname',
  'MeshPorts',
  'MeshConsumerRoute',
  'MeshHTTPRoute303Redirect',
  'MeshHTTPRoute307Redirect',
  'MeshHTTPRoute308Redirect',
  'MeshHTTPRouteBackendRequestHeaderModifier',
  'MeshHTTPRouteMatching',
  'MeshHTTPRouteNamedRule',
  'MeshHTTPRouteQueryParamMatching',
  'MeshHTTPRouteRedirectHostAndStatus',
  'MeshHTTPRouteRedirectPath',
  'MeshHTTPRouteRedirectPort',
  'MeshHTTPRouteRequestHeaderModifier',
  'MeshHTTPRouteRewritePath',
  'MeshHTTPRouteSchemeRedirect',
  'MeshHTTPRouteSimpleSameNamespace',
  'MeshHTTPRouteWeight',
] as const;

/** The mesh tests of suite v1.6.3 that speak gRPC. */
const grpcTests = ['MeshGRPCRouteWeight'] as const;

const httpFeatures = [
  'Mesh',
  'HTTPRoute',
  'HTTPRouteResponseHeaderModification',
  'HTTPRouteParentRefPort',
  'HTTPRoute303RedirectStatusCode',
  'HTTPRoute307RedirectStatusCode',
  'HTTPRoute308RedirectStatusCode',
  'MeshClusterIPMatching',
  'MeshConsumerRoute',
  'MeshHTTPRouteRewritePath',
  'MeshHTTPRouteSchemeRedirect',
  'MeshHTTPRouteRedirectPort',
  'MeshHTTPRouteRedirectPath',
  'MeshHTTPRouteBackendRequestHeaderModification',
  'MeshHTTPRouteQueryParamMatching',
  'MeshHTTPRouteNamedRouteRule',
];

/** What the suite is told that Heddle supports: it skips the tests of everything else. */
export function featuresOf(profiles: readonly Profile[]): readonly string[] {
  return profiles.includes('MESH-GRPC') ? [...httpFeatures, 'GRPCRoute'] : httpFeatures;
}

/** The tests that must run and pass for these profiles. */
export function testsOf(profiles: readonly Profile[]): readonly string[] {
  return profiles.includes('MESH-GRPC') ? [...httpTests, ...grpcTests] : httpTests;
}
