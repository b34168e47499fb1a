import { Ajv2020 } from 'ajv/dist/2020.js';
import { describeOpenApi } from '#api/dialect/describe/openapi.ts';
import { mapStatus, changesAfter } from '#api/dialect/reply/errors.ts';
import type { Route } from '#api/dialect/route.ts';
import { RouteTable } from '#api/dialect/table.ts';
import { parseVersion, type ApiVersion } from '#api/dialect/version.ts';
import type { DockerContext } from '#api/docker/context.ts';
import { dockerDialect } from '#api/docker/dialect.ts';
import { documentsOf, type Answer } from './ask.ts';

const table = new RouteTable(dockerDialect);

type Operation = { readonly responses: Record<string, { content?: Record<string, { schema: object }> }> };
type Description = {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, object> };
};

/** Says what is wrong with answers at one version, by the description that we publish of that version. */
export class Judge {
  readonly version: ApiVersion;
  readonly #description: Description;
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });

  constructor(version: string) {
    this.version = parseVersion(version) ?? 0;
    this.#description = describeOpenApi(dockerDialect, this.version) as Description;
    closeObjects(this.#description);
    this.#ajv.addSchema({ $id: 'api', ...this.#description }, 'api');
  }

  /** Ids of the routes that work at this version. */
  get routes(): string[] {
    return table.entries
      .filter(
        ({ window: [from, end], route }) =>
          from <= this.version && this.version < end && route.planned === undefined,
      )
      .map(({ route }) => route.id);
  }

  routeOf(method: string, path: string): Route<DockerContext> | undefined {
    return table.find(method, path, this.version)?.route;
  }

  /** Complaints about an answer that was to be a success. */
  complain(route: Route<DockerContext>, answer: Answer): string[] {
    const { status, text, headers } = answer;
    const older = changesAfter(dockerDialect.changes, this.version, 'status');
    const heads = Object.keys(route.replies).map(Number);
    const head = heads.find((each) => mapStatus(older, route.id, each) === status);
    if (heads.length > 0 && head === undefined) return [`status ${status}: ${text.slice(0, 300)}`];
    if (status >= 400) return [`status ${status}: ${text.slice(0, 300)}`];
    const schema = head === undefined ? undefined : this.#pathOf(route, head);
    if (schema === undefined || headers['content-type']?.startsWith('application/json') !== true) return [];
    const validate = this.#ajv.compile({ $ref: schema });
    return documentsOf(text).flatMap((document) =>
      validate(document)
        ? []
        : (validate.errors ?? []).map(
            ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
          ),
    );
  }

  #pathOf(route: Route<DockerContext>, status: number): string | undefined {
    const found = Object.entries(this.#description.paths).find(
      ([, methods]) =>
        (methods[route.method.toLowerCase()] as { operationId?: string } | undefined)?.operationId ===
        route.id,
    );
    const method = route.method.toLowerCase();
    const content = found?.[1][method]?.responses[status]?.content;
    if (found === undefined || content === undefined) return undefined;
    const steps = ['paths', found[0], method, 'responses', String(status), 'content', 'application/json'];
    return `api#/${[...steps, 'schema'].map(escapeStep).join('/')}`;
  }
}

const escapeStep = (step: string): string =>
  encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'));

/** No room for members that the description does not name. */
const closeObjects = (node: unknown): void => {
  if (typeof node !== 'object' || node === null) return;
  const shape = node as Record<string, unknown>;
  if (shape['type'] === 'object' && typeof shape['properties'] === 'object')
    shape['additionalProperties'] ??= false;
  for (const inner of Object.values(shape)) closeObjects(inner);
};
