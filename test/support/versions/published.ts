import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { documentsOf, type Answer } from './ask.ts';

/** Where the descriptions may lie that the API's owner publishes, a file per version. */
const FOLDER = fileURLToPath(new URL('../../../../shared/oracle/docker-api', import.meta.url));

type Node = { readonly [name: string]: unknown };

type Response = { readonly schema?: Node };

type Operation = {
  readonly responses: Readonly<Record<string, Response>>;
  readonly produces?: readonly string[];
};

type Description = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly definitions: Readonly<Record<string, Node>>;
};

/** Says what is wrong with answers at one version, by the description that the API's owner publishes of it. */
export class Published {
  readonly #paths: Description['paths'];
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true, verbose: true });
  readonly #validators = new Map<string, ValidateFunction>();

  private constructor(description: Description) {
    this.#paths = description.paths;
    const definitions = Object.entries(description.definitions).flatMap(([name, node]) => [
      [name, convert(node, true)],
      [`${name}.open`, convert(node, false)],
    ]);
    this.#ajv.addSchema({ $id: 'published', definitions: Object.fromEntries(definitions) }, 'published');
  }

  /** Undefined where the description of that version is not at hand. */
  static of(version: string): Published | undefined {
    const file = `${FOLDER}/v${version}.yaml`;
    if (!existsSync(file)) return undefined;
    return new Published(parse(joinQuoted(readFileSync(file, 'utf8'))) as Description);
  }

  /** All it describes, as `METHOD path`. */
  operations(): string[] {
    return Object.entries(this.#paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
  }

  /** Complaints about an answer that was a success, as lines `operation place: what`. */
  complain(method: string, path: string, { status, text, headers }: Answer): string[] {
    const found = this.#find(method, path);
    if (found === undefined) return [`${method} ${path}: not described`];
    const [name, { responses }] = found;
    const response = responses[status];
    if (response === undefined) return [`${name} status ${status}: not described`];
    const isJson = headers['content-type']?.startsWith('application/json') === true && text !== '';
    if (response.schema === undefined || !isJson) return [];
    const validate = this.#validatorOf(`${name} ${status}`, response.schema);
    return documentsOf(text).flatMap((document) =>
      validate(document)
        ? []
        : (validate.errors ?? []).map(
            ({ instancePath, message, params, data }) =>
              `${name} ${placeOf(instancePath)}: ${typeOf(data)}, ${message} ${JSON.stringify(params)}`,
          ),
    );
  }

  #validatorOf(name: string, schema: Node): ValidateFunction {
    const validate = this.#validators.get(name) ?? this.#ajv.compile(convert(schema, true));
    this.#validators.set(name, validate);
    return validate;
  }

  #find(method: string, path: string): readonly [string, Operation] | undefined {
    const found = Object.entries(this.#paths)
      .filter(([, methods]) => methods[method.toLowerCase()] !== undefined)
      .filter(([template]) => patternOf(template).test(path))
      .toSorted(([a], [b]) => literals(b) - literals(a))[0];
    const operation = found?.[1][method.toLowerCase()];
    return found === undefined || operation === undefined ? undefined : [`${method} ${found[0]}`, operation];
  }
}

/** The older descriptions break quoted texts without indenting them, which YAML does not allow. */
const joinQuoted = (text: string): string =>
  text.replaceAll(
    /^(\s*\w+: ")((?:[^"\\\n]|\\.)*\n(?:[^"\\]|\\.)*)"$/gm,
    (_all, start: string, quoted: string) => `${start}${quoted.replaceAll(/\s*\n\s*/g, ' ')}"`,
  );

const patternOf = (template: string): RegExp => new RegExp(`^${template.replaceAll(/\{\w+\}/g, '.+')}$`);

const literals = (template: string): number => template.replaceAll(/\{\w+\}/g, '').length;

/** Numbers of elements and ids do not matter. */
const placeOf = (instancePath: string): string =>
  instancePath.replaceAll(/\/\d+(?=\/|$)/g, '[]').replaceAll(/[0-9a-f]{64}/g, 'ID');

const typeOf = (value: unknown): string => {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
};

/**
 * An OpenAPI 2 schema as JSON Schema. Closed, it leaves no room for members that it does not name; what `allOf` puts
 * together is closed as a whole.
 */
const convert = (node: Node, closed: boolean): Node => {
  const { 'x-nullable': nullable, $ref, allOf, properties, items, additionalProperties, ...rest } = node;
  const result: Record<string, unknown> = Object.fromEntries(
    Object.entries(rest).filter(([name]) => KEPT.has(name)),
  );
  if (typeof $ref === 'string') result['$ref'] = `published${$ref}${closed ? '' : '.open'}`;
  if (Array.isArray(allOf)) result['allOf'] = allOf.map((each) => convert(each as Node, false));
  if (isNode(properties))
    result['properties'] = Object.fromEntries(
      Object.entries(properties).map(([name, member]) => [name, convert(member as Node, true)]),
    );
  if (isNode(items)) result['items'] = convert(items, true);
  if (additionalProperties !== undefined)
    result['additionalProperties'] = isNode(additionalProperties)
      ? convert(additionalProperties, true)
      : additionalProperties;
  const hasMembers = isNode(properties) || Array.isArray(allOf);
  if (closed && hasMembers && additionalProperties === undefined) result['unevaluatedProperties'] = false;
  return nullable === true ? { anyOf: [result, { type: 'null' }] } : result;
};

const KEPT = new Set(['type', 'enum', 'required', 'minItems', 'maxItems']);

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;
