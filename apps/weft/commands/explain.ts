/** `weft explain FROM TO [METHOD PATH] [-H 'name: value']... [-f PATH]...`: may this request pass, who says so, and what would change that. */
import {
  type Caller,
  explain as ask,
  isAnswer,
  populate,
  type Question,
  remedyOf,
  type StatedRequest,
  World,
} from '@weft/compile/answers';
import { ONLY } from '@weft/core/mesh-view';
import { knownObjects } from '../answers/objects.ts';
import { explanationText } from '../answers/format.ts';
import { claimsIn } from '../answers/claims.ts';
import { type HostName, hostName, leadingTo } from '../answers/host-outside.ts';
import { callerName, isServiceName, resolved, serviceName, statedRequest } from '../answers/question.ts';
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

interface Outside {
  readonly service: string;
  /** The request's headers, with the host that it names. */
  names(request: StatedRequest): StatedRequest['headers'];
}

/** The ExternalService that leads to the host. `only`: it is nothing else; false: a service of the mesh may have that name. */
function outsideOf(world: World, caller: Caller, host: HostName, only: boolean): Outside | undefined {
  const mesh = caller.kind === 'workload' ? world.meshOf('workload', caller.key) : undefined;
  const service = mesh === undefined ? undefined : leadingTo(world, mesh, host);
  if (service === undefined) {
    if (!only) return undefined;
    const port = host.port === undefined ? '' : ` at port ${host.port}`;
    const open = mesh !== undefined && world.view(mesh).mesh.get(ONLY)?.egress === 'allow';
    throw new CommandError(
      `no ExternalService names ${host.host}${port}; ${open ? 'by `egress.mode: Allow` of the Mesh the forward proxy resolves it nevertheless, and connects to public addresses' : 'the forward proxy answers 502'}`,
      'Write an ExternalService with it in `hosts` or `addresses`, or name a service as NAMESPACE/NAME[:PORT].',
    );
  }
  return {
    service,
    names({ headers }) {
      const stated = headers.some(({ name }) => name === 'host');
      const text = host.host.includes(':') ? `[${host.host}]` : host.host;
      return stated
        ? headers
        : [
            ...headers,
            { name: 'host', value: host.port === undefined || host.port === 80 ? text : `${text}:${host.port}` },
          ];
    },
  };
}

/** Exit code 0: the request gets an answer of the service (or a redirect); 1: it does not, or not always. */
export async function explain(
  flags: ExplainFlags,
  [from = '', to = '', method = 'GET', path = '/']: readonly string[],
): Promise<number> {
  const format = outputFormat(flags.output, ['table', 'json']);
  const host = hostName(to);
  // What is too long for a service's name, or an address, is a host.
  const isHost = host !== undefined && !isServiceName(to);
  const { service, port, gateway } = isHost
    ? { service: '', port: host.port, gateway: false }
    : serviceName(to, flags.namespace);
  const caller = callerName(from, flags.namespace);
  const stated = statedRequest(method, path, flags.header ?? []);
  const request = flags.jwt === undefined ? stated : { ...stated, claims: claimsIn(flags.jwt) };
  const known = await knownObjects(flags);
  try {
    const populated = populate(known.objects, {
      service: flags.file === undefined || gateway || isHost ? undefined : service,
      gateway: gateway ? service : undefined,
      caller: flags.file === undefined || caller.kind === 'outside' ? undefined : caller.key,
      running: flags.file === undefined,
    });
    const world = new World(populated.objects);
    const asking = resolved(caller, populated.objects);
    // A service of the mesh goes before a host outside that has its name.
    const inside = !isHost && world.meshOf('service', service) !== undefined;
    const outside = host === undefined || gateway || inside ? undefined : outsideOf(world, asking, host, isHost);
    const question: Question =
      outside === undefined
        ? { from: asking, to: service, port, request, gateway }
        : {
            from: asking,
            to: outside.service,
            port: host?.port,
            request: { ...request, headers: outside.names(request) },
          };
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
