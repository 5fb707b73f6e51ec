/** `weft explain FROM TO [METHOD PATH] [-H 'name: value']... [-f PATH]...`: may this request pass, who says so, and what would change that. */
import { explain as ask, isAnswer, populate, type Question, remedyOf, World } from '@weft/compile/answers';
import { knownObjects } from '../answers/objects.ts';
import { explanationText } from '../answers/format.ts';
import { claimsIn } from '../answers/claims.ts';
import { callerName, resolved, serviceName, statedRequest } from '../answers/question.ts';
import type { ClientFlags } from '../cli/connect.ts';
import { outputFormat, toJson } from '../cli/output.ts';
import { CommandError, EXIT_OK, EXIT_REFUSED } from '../errors.ts';

export interface ExplainFlags extends ClientFlags {
  readonly namespace: string;
  readonly file?: readonly string[];
  readonly header?: readonly string[];
  readonly jwt?: string;
  readonly output?: string;
}

/** Exit code 0: the request gets an answer of the service (or a redirect); 1: it does not, or not always. */
export async function explain(
  flags: ExplainFlags,
  [from = '', to = '', method = 'GET', path = '/']: readonly string[],
): Promise<number> {
  const format = outputFormat(flags.output, ['table', 'json']);
  const { service, port, gateway } = serviceName(to, flags.namespace);
  const caller = callerName(from, flags.namespace);
  const stated = statedRequest(method, path, flags.header ?? []);
  const request = flags.jwt === undefined ? stated : { ...stated, claims: claimsIn(flags.jwt) };
  const known = await knownObjects(flags);
  try {
    const populated = populate(known.objects, {
      service: flags.file === undefined || gateway ? undefined : service,
      gateway: gateway ? service : undefined,
      caller: flags.file === undefined || caller.kind === 'outside' ? undefined : caller.key,
      running: flags.file === undefined,
    });
    const world = new World(populated.objects);
    const question: Question = { from: resolved(caller, populated.objects), to: service, port, request, gateway };
    const answer = ask(world, question);
    if (!isAnswer(answer)) throw new CommandError(answer.reason, answer.remedy);
    const remedy = remedyOf(world, question, answer);
    if (format === 'json') process.stdout.write(toJson({ ...answer, remedy, assumptions: populated.assumptions }));
    else {
      process.stdout.write(await explanationText(answer, request, remedy, known.place));
      if (flags.jwt !== undefined)
        process.stdout.write('assumed: the token is signed by a key of its issuer, and in time\n');
      for (const assumption of populated.assumptions) process.stdout.write(`assumed: ${assumption}\n`);
    }
    return ['allowed', 'redirect'].includes(answer.verdict.kind) ? EXIT_OK : EXIT_REFUSED;
  } finally {
    known.close();
  }
}
