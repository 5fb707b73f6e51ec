/** Gateway API HTTPPathModifier. The new path goes into a request line: what could break that is refused. */
import type { Complete } from '../../schema/schema.ts';
import { object, oneOf, optional, required, string } from '../../schema/schema.ts';
import { checkMember } from './tagged.ts';

/** Visible ASCII without `#`. */
const REPLACEMENT = /^\/[!-"$-~]*$/;

export const pathModifier = object(
  {
    type: required(
      oneOf(['ReplaceFullPath', 'ReplacePrefixMatch']),
      '`ReplaceFullPath`: the whole path. `ReplacePrefixMatch`: what the rule’s `PathPrefix` matched; the rule must have exactly that one match.',
    ),
    replaceFullPath: optional(string({ maxLength: 1024 }), 'The new path, with type `ReplaceFullPath`.'),
    replacePrefixMatch: optional(
      string({ minLength: 0, maxLength: 1024 }),
      'What stands for the prefix, with type `ReplacePrefixMatch`. Empty and `/` mean the same.',
    ),
  },
  (value, report) => {
    checkMember(
      value.type,
      { ReplaceFullPath: 'replaceFullPath', ReplacePrefixMatch: 'replacePrefixMatch' },
      value,
      report,
    );
    for (const name of ['replaceFullPath', 'replacePrefixMatch'] as const) {
      const text = value[name];
      if (text === undefined || REPLACEMENT.test(text) || (text === '' && name === 'replacePrefixMatch')) continue;
      report(
        [name],
        'invalid-path',
        'must begin with `/` and hold visible ASCII characters without `#` only',
        'percent-encode the others',
      );
    }
  },
);

export type PathModifier = Complete<typeof pathModifier>;
