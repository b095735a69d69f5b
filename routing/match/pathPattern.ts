import type { GRPCMethodMatch, PathMatch } from '../model.ts';
import { type Expressions, expressionOf } from './expressions.ts';
import { type Literals, literalsOf } from './literals.ts';
import type { RegularExpression } from './regularExpression.ts';

/** What is tried on a path, and the plain text without which that is in vain. */
export type PathPattern = Literals & { readonly expression: RegularExpression };

/** The pattern of a path match that is found by trying. */
export function patternOf(path: PathMatch, expressions: Expressions): PathPattern {
  if (path.type === 'GRPCMethod') return grpcPattern(path, expressions);
  return { ...literalsOf(path.value), expression: expressionOf(expressions, path.value) };
}

/** Service and method are tried apart, so that no expression for one reaches into the other, anchors or not. */
function grpcPattern({ by, service, method }: GRPCMethodMatch, expressions: Expressions): PathPattern {
  const testOf = (part: string | undefined): RegularExpression => {
    if (part === undefined) return anything;
    return by === 'Exact' ? { testExact: (text) => text === part } : expressionOf(expressions, part);
  };
  const ofService = testOf(service);
  const ofMethod = testOf(method);
  return {
    prefix: '/',
    inside: by === 'Exact' && method !== undefined ? `/${method}` : '/',
    expression: {
      testExact(path) {
        const slash = path.lastIndexOf('/');
        return slash > 0 && ofService.testExact(path.slice(1, slash)) && ofMethod.testExact(path.slice(slash + 1));
      },
    },
  };
}

const anything: RegularExpression = { testExact: () => true };
