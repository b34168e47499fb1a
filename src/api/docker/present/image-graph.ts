import { formatFamiliar, parseReference } from '#domain/image/reference.ts';
import type { ImageView } from '#engine/engine.ts';

const short = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);

/** All images as a graph for Graphviz (docker-routes.md R31). */
export const presentGraph = (views: readonly ImageView[]): string => {
  const edges = views.map(({ image }) =>
    image.parentId === ''
      ? ` base -> "${short(image.id)}" [style=invis]\n`
      : ` "${short(image.parentId)}" -> "${short(image.id)}"\n`,
  );
  const labels = views.flatMap(({ image, tags }) => {
    if (tags.length === 0) return [];
    const id = short(image.id);
    const names = tags.map((tag) => formatFamiliar(parseReference(tag)));
    const look = 'shape=box,fillcolor="paleturquoise",style="filled,rounded"';
    // Two characters, not a line feed: Graphviz reads them.
    return [` "${id}" [label="${[id, ...names].join(String.raw`\n`)}",${look}];\n`];
  });
  return `digraph docker {\n${edges.join('')}${labels.join('')} base [style=invisible]\n}\n`;
};
