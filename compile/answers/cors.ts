/** Requests of pages from elsewhere: the filter CORS answers preflights before anything else is asked, and says who may read answers. */
import { compileString, type RequestView } from '@weft/core/decide';
import type { CorsPolicy, Route } from '@weft/core/proxy-config';
import type { Setting, Verdict } from './explanation.ts';

interface Asked {
  readonly policy: CorsPolicy;
  readonly origin: string;
  readonly allowed: boolean;
  readonly source: string | undefined;
}

/** undefined: it comes from no page, or its rule says nothing of pages. */
function askedOf(route: Route | undefined, request: RequestView): Asked | undefined {
  // What answers itself has no CORS.
  if (route?.action.kind !== 'forward') return undefined;
  const { filterOverrides, source } = route;
  const policy = filterOverrides.flatMap(({ config }) => (config?.kind === 'cors' ? [config] : []))[0];
  const origin = request.header('origin') ?? '';
  if (policy === undefined || origin === '') return undefined;
  const allowed = policy.allowOrigins.some((matcher) => {
    const fits = compileString(matcher, () => {});
    return fits('*') || fits(origin);
  });
  return { policy, origin, allowed, source };
}

/** What a browser asks before a request of a page from elsewhere: it carries no token, and none is asked of it. */
export const isPreflight = (request: RequestView): boolean =>
  request.method === 'OPTIONS' &&
  (request.header('origin') ?? '') !== '' &&
  (request.header('access-control-request-method') ?? '') !== '';

/** What a preflight is answered; undefined: it is none, or goes on. */
export function answerOfCors(route: Route | undefined, request: RequestView): Verdict | undefined {
  const asked = isPreflight(request) ? askedOf(route, request) : undefined;
  if (asked === undefined) return undefined;
  if (!asked.allowed && asked.policy.forwardNotMatchingPreflights !== false) return undefined;
  return {
    kind: 'answered',
    status: 200,
    flag: '',
    reason: `CORS answers the preflight: ${words(asked)}`,
    source: asked.source,
  };
}

export function corsSettings(route: Route | undefined, request: RequestView): Setting[] {
  const asked = askedOf(route, request);
  return asked === undefined ? [] : [{ name: 'CORS', value: words(asked), source: asked.source }];
}

const words = ({ origin, allowed }: Asked): string =>
  allowed ? `pages of ${origin} may read answers` : `no page of ${origin} may read answers`;
