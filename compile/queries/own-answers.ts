/**
 * What an answer that a proxy made itself says about why (local_reply_config): the header `x-weft-answer`, `FLAG CODE RULE`. Within the mesh the
 * code is Envoy's detail, which names the access rule that decided, and the rule is the route's source. At an edge strangers get the flag and
 * a word for the status alone: names of rules are nobody's outside (decisions/031).
 */
import {
  ANSWER_HEADER,
  type LocalReply,
  type LocalReplyMapper,
  type RouteConfiguration,
} from '@weft/core/proxy-config';
import { NO_MUTATIONS } from '../behaviours/header-modifier/mutations.ts';

/** So that whoever got a refusal can name it: `weft why`. */
const ID_HEADER = 'x-request-id';

/** The least status that is a refusal; redirects and answers of routes below it say nothing. */
const REFUSALS = 400;

const mapper = (op: 'equal' | 'at-least', status: number, value: string): LocalReplyMapper => ({
  filter: { kind: 'status', comparison: { op, value: status } },
  status: 0,
  body: undefined,
  format: undefined,
  headers: [
    { name: ANSWER_HEADER, value, append: 'overwrite-if-exists-or-add', keepEmptyValue: false },
    { name: ID_HEADER, value: '%REQ(X-REQUEST-ID)%', append: 'overwrite-if-exists-or-add', keepEmptyValue: false },
  ],
});

export const ANSWERS_INSIDE: LocalReply = {
  mappers: [mapper('at-least', REFUSALS, '%RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %ROUTE_NAME%')],
  format: undefined,
};

const WORDS: readonly (readonly [status: number, word: string])[] = [
  [400, 'bad-request'],
  [401, 'no-token'],
  [403, 'not-allowed'],
  [404, 'no-route'],
  [408, 'too-slow'],
  [413, 'too-large'],
  [421, 'misdirected'],
  [429, 'limited'],
  [431, 'too-large'],
  [500, 'no-backend'],
  [502, 'unavailable'],
  [503, 'unavailable'],
  [504, 'timeout'],
];

export const ANSWERS_AT_EDGE: LocalReply = {
  mappers: [
    ...WORDS.map(([status, word]) => mapper('equal', status, `%RESPONSE_FLAGS% ${word}`)),
    mapper('at-least', REFUSALS, '%RESPONSE_FLAGS% refused'),
  ],
  format: undefined,
};

/** Of a route table: nobody behind it speaks in this proxy's name. Its own answers get the header after that. */
export const NO_ANSWERS_OF_OTHERS: RouteConfiguration['headers'] = { ...NO_MUTATIONS, responseRemove: [ANSWER_HEADER] };
