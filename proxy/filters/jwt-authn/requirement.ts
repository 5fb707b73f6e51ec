/** What a rule asks of a request, compiled: providers, all or any of several, what may be missing. */
import type { JwtProvider, JwtRequirement } from '@weft/core/proxy-config';
import { isOk, type JwtStatus } from '../../jwt/index.ts';
import { Audiences } from './audiences.ts';
import { Authenticator, type Demand, type Done } from './authenticator.ts';
import { TokenLocations } from './locations.ts';
import type { ProviderRuntime } from './provider.ts';
import type { JwtRun } from './run.ts';

/** Calls `done` once, during the call or later. */
export type Requirement = (run: JwtRun, done: Done) => void;

/** Undefined: nothing is asked. */
export function compileRequirement(
  requirement: JwtRequirement | undefined,
  providers: ReadonlyMap<string, ProviderRuntime>,
): Requirement | undefined {
  switch (requirement?.kind) {
    case undefined:
      return undefined;
    case 'nothing':
      return (_, done) => done('ok');
    case 'provider': {
      const provider = providers.get(requirement.provider);
      if (provider === undefined) return (_, done) => done('unknown-issuer');
      const { audiences } = requirement;
      return authenticating({
        locations: new TokenLocations([provider.row]),
        provider,
        audiences: audiences.length === 0 ? undefined : new Audiences(audiences),
        allowsMissing: false,
        allowsFailed: false,
      });
    }
    case 'allow-missing':
      return authenticating(anyIssuer(rowsOf(providers), false));
    case 'allow-missing-or-failed':
      return authenticating(anyIssuer(rowsOf(providers), true));
    case 'all':
      return all(requirement.requirements.flatMap((inner) => compileRequirement(inner, providers) ?? []));
    case 'any':
      return any(requirement.requirements, providers);
  }
}

const rowsOf = (providers: ReadonlyMap<string, ProviderRuntime>): JwtProvider[] =>
  [...providers.values()].map(({ row }) => row);

const anyIssuer = (rows: readonly JwtProvider[], allowsFailed: boolean): Demand => ({
  locations: new TokenLocations(rows),
  provider: undefined,
  audiences: undefined,
  allowsMissing: true,
  allowsFailed,
});

const authenticating =
  (demand: Demand): Requirement =>
  (run, done) =>
    new Authenticator(demand, run, done).start();

function all(requirements: readonly Requirement[]): Requirement {
  return (run, done) => {
    const ask = (index: number): void => {
      const requirement = requirements[index];
      if (requirement === undefined) done('ok');
      else requirement(run, (status) => (isOk(status) ? ask(index + 1) : done(status)));
    };
    ask(0);
  };
}

/** As in Envoy: what is allowed to be missing or to fail says how the others' failure is taken, and stands for itself only where it is alone. */
function any(
  requirements: readonly JwtRequirement[],
  providers: ReadonlyMap<string, ProviderRuntime>,
): Requirement | undefined {
  const allowsFailed = requirements.some(({ kind }) => kind === 'allow-missing-or-failed');
  const allowsMissing = requirements.some(({ kind }) => kind === 'allow-missing');
  const regular = requirements.filter(({ kind }) => kind !== 'allow-missing-or-failed' && kind !== 'allow-missing');
  if (regular.length === 0)
    return compileRequirement({ kind: allowsFailed ? 'allow-missing-or-failed' : 'allow-missing' }, providers);
  const compiled = regular.flatMap((requirement) => compileRequirement(requirement, providers) ?? []);
  return (run, done) => {
    let said: JwtStatus = 'missing';
    const ask = (index: number): void => {
      const requirement = compiled[index];
      if (requirement === undefined) {
        done(allowsFailed || (allowsMissing && said === 'missing') ? 'ok' : said);
        return;
      }
      requirement(run, (status) => {
        if (isOk(status)) {
          done('ok');
          return;
        }
        if (said === 'missing' || (status !== 'missing' && status !== 'unknown-issuer')) said = status;
        ask(index + 1);
      });
    };
    ask(0);
  };
}
