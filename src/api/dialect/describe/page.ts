/** One version of an API as a page to read, made of its OpenAPI description. */

type Schema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
};

type Parameter = {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema: Schema;
};

type Content = { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> };

type Operation = {
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: Content & { readonly required: boolean };
  readonly responses: Readonly<Record<string, Content>>;
};

export type Description = {
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

/** `links` stand below the title, as they are. */
export const formatPage = ({ info, paths, components }: Description, links: string): string => {
  const operations = Object.entries(paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        name: `${method.toUpperCase()} ${path}`,
        path,
        operation,
      })),
    )
    .toSorted((a, b) => a.path.localeCompare(b.path, 'en') || a.name.localeCompare(b.name, 'en'));
  const schemas = Object.entries(components.schemas).toSorted(([a], [b]) => a.localeCompare(b, 'en'));
  return [
    `# The ${info.title} API at ${info.version}\n`,
    `${links}\n`,
    '| route | |',
    '|---|---|',
    ...operations.map(
      ({ name, operation }) => `| [\`${name}\`](#${anchorOf(name)}) | ${operation.summary} |`,
    ),
    '\n## Routes\n',
    ...operations.map(({ name, operation }) => formatOperation(name, operation)),
    '## Shapes\n',
    ...schemas.map(([name, schema]) => formatShape(name, schema)),
  ].join('\n');
};

/** As renderers of Markdown name a heading: its letters, digits and hyphens in lower case, hyphens for blanks. */
const anchorOf = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

const formatOperation = (name: string, operation: Operation): string => {
  const { summary, parameters, requestBody, responses } = operation;
  const asked = parameters.filter((parameter) => parameter.in !== 'path');
  const replies = Object.entries(responses).filter(([status]) => status !== 'default');
  return [
    `### \`${name}\`\n`,
    `${summary}.\n`,
    ...(asked.length === 0
      ? []
      : ['| parameter | in | type |', '|---|---|---|', ...asked.map(formatParameter), '']),
    ...(requestBody === undefined
      ? []
      : [`Body${requestBody.required ? '' : ', may be empty'}: ${contentOf(requestBody)}\n`]),
    ...(replies.length === 0
      ? []
      : [
          `Answers ${replies.map(([status, reply]) => `${status} ${contentOf(reply)}`.trim()).join('; ')}.\n`,
        ]),
  ].join('\n');
};

const formatParameter = ({ name, in: place, required, schema }: Parameter): string => {
  const fallback = schema.default === undefined ? '' : `, default \`${JSON.stringify(schema.default)}\``;
  return `| \`${name}\` | ${place} | ${typeOf(schema)}${required ? ', required' : ''}${fallback} |`;
};

const contentOf = ({ content }: Content): string => {
  const [media] = Object.values(content ?? {});
  return media === undefined ? '' : typeOf(media.schema);
};

const formatShape = (name: string, schema: Schema): string => {
  if (schema.properties === undefined) return `### ${name}\n\n${typeOf(schema)}\n`;
  const required = new Set(schema.required);
  const rows = Object.entries(schema.properties).map(
    ([member, shape]) =>
      `| \`${member}\` | ${typeOf(shape)} | ${required.has(member) ? '' : 'may be absent'} |`,
  );
  return [`### ${name}\n`, '| member | type | |', '|---|---|---|', ...rows, ''].join('\n');
};

const typeOf = (schema: Schema): string => {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.replace('#/components/schemas/', '');
    return `[${name}](#${anchorOf(name)})`;
  }
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum !== undefined)
    return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(' or ');
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeOf))].join(' or ');
  if (schema.type === 'array')
    return `list of ${schema.items === undefined ? 'anything' : typeOf(schema.items)}`;
  if (schema.type === 'object') return objectOf(schema);
  return schema.type === undefined ? 'anything' : [schema.type].flat().join(' or ');
};

const objectOf = ({ properties, patternProperties, additionalProperties, required = [] }: Schema): string => {
  const [values] = Object.values(patternProperties ?? {});
  if (values !== undefined) return `map to ${typeOf(values)}`;
  if (properties !== undefined && Object.keys(properties).length > 0)
    return `{ ${Object.entries(properties)
      .map(([name, shape]) => `${name}${required.includes(name) ? '' : '?'}: ${typeOf(shape)}`)
      .join(', ')} }`;
  return typeof additionalProperties === 'object' ? `map to ${typeOf(additionalProperties)}` : 'object';
};
