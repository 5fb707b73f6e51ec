/** What a request must meet beside the matches of its rule (envoy.config.route.v3.HeaderMatcher, and what is known of the caller). */
import { callerList } from '../gateway/callers.ts';
import { checkRegex } from '../http-route/regex.ts';
import { headerName } from '../schema/formats.ts';
import type { Complete, Report } from '../schema/schema.ts';
import { array, boolean, defaulted, integer, object, oneOf, optional, required, string } from '../schema/schema.ts';

const range = object(
  {
    start: optional(integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER), 'The least number. Absent: none.'),
    end: optional(
      integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
      'The first number behind the range, which is not part of it. Absent: none.',
    ),
  },
  ({ start, end }, report) => {
    if (start === undefined && end === undefined) report([], 'missing-field', 'says nothing', 'add `start` or `end`');
    else if (start !== undefined && end !== undefined && end <= start)
      report(['end'], 'out-of-range', 'must be more than `start`: no number is in the range');
  },
);

const TEXTS: ReadonlySet<string> = new Set(['Exact', 'Prefix', 'Suffix', 'Contains']);

const headerCondition = object(
  {
    name: required(
      string({ format: headerName }),
      'The header’s name; case does not matter. A header that came several times is compared as one value, joined by `,`.',
    ),
    type: defaulted(
      oneOf(['Exact', 'Prefix', 'Suffix', 'Contains', 'RegularExpression', 'Range', 'Present', 'Absent']),
      'Exact',
      '`Exact`, `Prefix`, `Suffix`, `Contains`: the value, its beginning, its end, a part of it. `RegularExpression`: RE2, the whole value. `Range`: a whole number in `range`. `Present`, `Absent`: whether it came at all.',
    ),
    value: optional(string({ maxLength: 4096 }), 'The text or expression.'),
    range: optional(range, 'With `Range`: which numbers.'),
    ignoreCase: defaulted(boolean(), false, 'Case does not matter; with `Exact`, `Prefix`, `Suffix` and `Contains`.'),
    invert: defaulted(
      boolean(),
      false,
      'The header must not be so. A header that did not come counts as empty: it is not `beta`, and in no range.',
    ),
  },
  (value, report) => checkHeader(value, report),
);

function checkHeader({ type, value, range: numbers, ignoreCase, invert }: HeaderConditionShape, report: Report): void {
  const compares = TEXTS.has(type) || type === 'RegularExpression';
  if (compares && value === undefined)
    report(['value'], 'missing-field', `\`${type}\` compares with a value`, 'add it');
  if (!compares && value !== undefined) report(['value'], 'exclusive-fields', `\`${type}\` has no value`, 'remove it');
  if (type === 'Range' && numbers === undefined)
    report(['range'], 'missing-field', 'is required with `Range`', 'add it');
  if (type !== 'Range' && numbers !== undefined)
    report(['range'], 'exclusive-fields', `\`${type}\` has no range`, 'remove it, or write `type: Range`');
  if (ignoreCase && !TEXTS.has(type))
    report(
      ['ignoreCase'],
      'exclusive-fields',
      `has no effect with \`${type}\``,
      type === 'RegularExpression' ? 'write `(?i)` at the beginning of the expression' : 'remove it',
    );
  if (invert && (type === 'Present' || type === 'Absent'))
    report(
      ['invert'],
      'exclusive-fields',
      `is not allowed with \`${type}\``,
      `write \`type: ${type === 'Present' ? 'Absent' : 'Present'}\``,
    );
  if (type === 'RegularExpression' && value !== undefined) checkRegex(value, report);
}

interface HeaderConditionShape {
  readonly type: string;
  readonly value?: string | undefined;
  readonly range?: Complete<typeof range> | undefined;
  readonly ignoreCase: boolean;
  readonly invert: boolean;
}

export const conditions = object(
  {
    scheme: optional(
      oneOf(['http', 'https']),
      'How the request came: at a Gateway whether the listener ends TLS; between workloads `http` always, since callers reach their own proxies in plaintext. No word of the client counts. Absent: either.',
    ),
    ignorePathCase: defaulted(
      boolean(),
      false,
      'Paths of the rule’s matches are compared without regard to case. Not of a GRPCRoute.',
    ),
    headers: optional(
      array(headerCondition, { minItems: 1, maxItems: 16, uniqueBy: 'item' }),
      'Headers, all of which must be so. A name may stand several times.',
    ),
    from: optional(
      callerList,
      'Who calls, any entry: other callers’ proxies do not have the rule. Known when they are configured, whatever requests say of themselves. Not of routes at Gateways, whose callers are nobody’s workloads.',
    ),
  },
  (value, report) => {
    const { scheme, ignorePathCase, headers, from } = value;
    if (scheme === undefined && !ignorePathCase && headers === undefined && from === undefined)
      report([], 'missing-field', 'asks for nothing', 'add `scheme`, `ignorePathCase`, `headers` or `from`');
  },
);

export type Conditions = Complete<typeof conditions>;
export type HeaderCondition = NonNullable<Conditions['headers']>[number];
