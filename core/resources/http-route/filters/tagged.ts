/** Unions as Gateway API writes them: `type` names the one member that is there. */
import type { Report } from '../../schema/schema.ts';

/** The member named by `type` is there, and no other. `members`: type to member. */
export function checkMember(
  type: string,
  members: Readonly<Record<string, string>>,
  value: Readonly<Record<string, unknown>>,
  report: Report,
): void {
  for (const [tag, member] of Object.entries(members)) {
    if (tag === type && value[member] === undefined) {
      report([member], 'missing-field', `is required with type \`${type}\``, `add \`${member}\``);
    } else if (tag !== type && value[member] !== undefined) {
      report(
        [member],
        'exclusive-fields',
        `is not allowed with type \`${type}\``,
        `remove it, or write \`type: ${tag}\``,
      );
    }
  }
}
