/** envoy.extensions.filters.http.stateful_session.v3 with its two states: a cookie or a header that names the endpoint. */
import type { SessionState, StatefulSessionFilter } from '@weft/core/proxy-config';
import { pack, type AnyMessage, type Messages } from '../../tables/index.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import { fromMilliseconds, takeDuration } from '../base/duration.ts';
import { some } from '../base/encoding.ts';

export const STATEFUL_SESSION = 'envoy.extensions.filters.http.stateful_session.v3.StatefulSession';
export const STATEFUL_SESSION_PER_ROUTE = 'envoy.extensions.filters.http.stateful_session.v3.StatefulSessionPerRoute';
const COOKIE = 'envoy.extensions.http.stateful_session.cookie.v3.CookieBasedSessionState';
const HEADER = 'envoy.extensions.http.stateful_session.header.v3.HeaderBasedSessionState';

type Wire = Messages[typeof STATEFUL_SESSION];

export function decodeStatefulSession(cursor: Cursor<Wire>): StatefulSessionFilter {
  return {
    kind: 'stateful-session',
    state: cursor.within('session_state', (extension) => {
      extension.take('name');
      return readingAny<SessionState>(extension.take('typed_config'), extension.at('typed_config'), extension.report, {
        [COOKIE]: decodeCookie,
        [HEADER]: (header) => ({ kind: 'header', name: (header.take('name') ?? '').toLowerCase() }),
      });
    }),
    strict: cursor.take('strict') ?? false,
    statPrefix: cursor.take('stat_prefix') ?? '',
    notFoundStatus: cursor.take('status_on_strict_destination_not_found') ?? 0,
  };
}

function decodeCookie(cursor: Cursor<Messages[typeof COOKIE]>): SessionState {
  const cookie = cursor.within('cookie', (inner) => ({
    name: inner.take('name') ?? '',
    ttl: takeDuration(inner, 'ttl', 0),
    path: inner.take('path') ?? '',
    attributes: inner.each('attributes', (attribute) => ({
      name: attribute.take('name') ?? '',
      value: attribute.take('value') ?? '',
    })),
  }));
  if (cookie === undefined) cursor.fault('cookie', 'missing-field', 'the session needs its cookie');
  return { kind: 'cookie', name: '', ttl: 0, path: '', attributes: [], ...cookie };
}

export function decodeStatefulSessionPerRoute(
  cursor: Cursor<Messages[typeof STATEFUL_SESSION_PER_ROUTE]>,
): StatefulSessionFilter {
  cursor.take('disabled');
  return cursor.within('stateful_session', decodeStatefulSession) ?? NO_SESSION;
}

const NO_SESSION: StatefulSessionFilter = {
  kind: 'stateful-session',
  state: undefined,
  strict: false,
  statPrefix: '',
  notFoundStatus: 0,
};

export const encodeStatefulSession = (filter: StatefulSessionFilter): Wire => ({
  session_state:
    filter.state === undefined
      ? undefined
      : { name: `envoy.http.stateful_session.${filter.state.kind}`, typed_config: encodeState(filter.state) },
  strict: filter.strict ? true : undefined,
  stat_prefix: filter.statPrefix || undefined,
  status_on_strict_destination_not_found: filter.notFoundStatus || undefined,
});

export const encodeStatefulSessionPerRoute = (
  filter: StatefulSessionFilter,
): Messages[typeof STATEFUL_SESSION_PER_ROUTE] =>
  filter.state === undefined ? { disabled: true } : { stateful_session: encodeStatefulSession(filter) };

const encodeState = (state: SessionState): AnyMessage =>
  state.kind === 'header'
    ? pack(HEADER, { name: state.name })
    : pack(COOKIE, {
        cookie: {
          name: state.name,
          ttl: state.ttl === 0 ? undefined : fromMilliseconds(state.ttl),
          path: state.path || undefined,
          attributes: some(state.attributes),
        },
      });
