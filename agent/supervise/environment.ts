/** The environment of a child: ours without the secrets that were meant for us. A service under attack must not be able to join or administer. */

/** A join token and an API token. */
const SECRETS: readonly string[] = ['WEFT_JOIN', 'WEFT_TOKEN'];

export const withoutSecrets = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !SECRETS.includes(name)));
