/** envoy.config.route.v3.InternalRedirectPolicy. */
import type { InternalRedirect } from '@weft/core/proxy-config';
import { pack, type Messages } from '../../tables/index.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import { some, unless } from '../base/encoding.ts';

type Wire = Messages['envoy.config.route.v3.InternalRedirectPolicy'];
type Predicate = Messages['envoy.config.core.v3.TypedExtensionConfig'];

const PREVIOUS_ROUTES = 'envoy.extensions.internal_redirect.previous_routes.v3.PreviousRoutesConfig';
const ALLOWED_ROUTES = 'envoy.extensions.internal_redirect.allow_listed_routes.v3.AllowListedRoutesConfig';
const SAFE_SCHEME = 'envoy.extensions.internal_redirect.safe_cross_scheme.v3.SafeCrossSchemeConfig';

export function decodeInternalRedirect(cursor: Cursor<Wire>): InternalRedirect {
  let avoidPreviousRoutes = false;
  let safe = false;
  let allowedRoutes: readonly string[] | undefined;
  cursor.each('predicates', (predicate) => {
    predicate.take('name');
    readingAny(predicate.take('typed_config'), predicate.at('typed_config'), predicate.report, {
      [PREVIOUS_ROUTES]: () => (avoidPreviousRoutes = true),
      [SAFE_SCHEME]: () => (safe = true),
      [ALLOWED_ROUTES]: (inner) => {
        const names = inner.take('allowed_route_names') ?? [];
        const before = allowedRoutes;
        allowedRoutes = before === undefined ? names : names.filter((name) => before.includes(name));
        return true;
      },
    });
  });
  const codes = cursor.take('redirect_response_codes') ?? [];
  const cross = cursor.take('allow_cross_scheme_redirect') ?? false;
  return {
    maxRedirects: cursor.take('max_internal_redirects') ?? 1,
    codes: codes.length === 0 ? [302] : codes,
    crossScheme: cross ? (safe ? 'safe' : 'yes') : 'no',
    avoidPreviousRoutes,
    allowedRoutes,
    responseHeadersToCopy: (cursor.take('response_headers_to_copy') ?? []).map((name) => name.toLowerCase()),
  };
}

export function encodeInternalRedirect(redirect: InternalRedirect): Wire {
  const predicates: Predicate[] = [];
  if (redirect.avoidPreviousRoutes)
    predicates.push({
      name: 'envoy.internal_redirect_predicates.previous_routes',
      typed_config: pack(PREVIOUS_ROUTES, {}),
    });
  if (redirect.allowedRoutes !== undefined)
    predicates.push({
      name: 'envoy.internal_redirect_predicates.allow_listed_routes',
      typed_config: pack(ALLOWED_ROUTES, { allowed_route_names: some(redirect.allowedRoutes) }),
    });
  if (redirect.crossScheme === 'safe')
    predicates.push({
      name: 'envoy.internal_redirect_predicates.safe_cross_scheme',
      typed_config: pack(SAFE_SCHEME, {}),
    });
  return {
    max_internal_redirects: unless(redirect.maxRedirects, 1),
    redirect_response_codes: redirect.codes.length === 1 && redirect.codes[0] === 302 ? undefined : redirect.codes,
    predicates: some(predicates),
    allow_cross_scheme_redirect: redirect.crossScheme === 'no' ? undefined : true,
    response_headers_to_copy: some(redirect.responseHeadersToCopy),
  };
}
