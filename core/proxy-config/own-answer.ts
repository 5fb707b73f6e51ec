/**
 * How a proxy of the mesh says why it refused or failed a request itself: a header with `FLAG CODE ROUTE` (decisions/031). The called side
 * takes the header from its application's answers, so that over mutual TLS it is the proxy's own word.
 */
import type { HeaderMatcher } from './matcher.ts';

/** Lower case. */
export const ANSWER_HEADER = 'x-weft-answer';

/** Names of routes of the called side begin with it; the port that the application listens on follows. */
export const INBOUND_ROUTE = 'inbound/';

/** An answer of the called side's proxy that could not connect to its application (UF): no application has seen the request. */
export const UNSEEN_ANSWER: HeaderMatcher = {
  name: ANSWER_HEADER,
  match: {
    kind: 'string',
    matcher: { kind: 'regex', regex: `UF [^ ]* ${INBOUND_ROUTE}[0-9]+` },
  },
  invert: false,
  treatMissingAsEmpty: false,
};
