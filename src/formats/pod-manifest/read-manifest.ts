import { parseAllDocuments } from 'yaml';
import { badManifest, isFields } from './fields.ts';
import type { Fields } from './fields.ts';
import { readKubernetesPod } from './kubernetes.ts';

export type PodManifest = {
  /** hyperd's UserPod: as it stood in the file, or made of a Kubernetes pod. */
  readonly pod: Readonly<Record<string, unknown>>;
  /** What of the file does not count, one line each. */
  readonly warnings: readonly string[];
};

/**
 * Reads a file that describes one pod: hyperd's JSON or YAML, or a Kubernetes Pod (JSON is YAML too). Other
 * Kubernetes objects in the file are warned of. Throws EngineError `invalid` `manifest.invalid` with the place.
 */
export const readPodManifest = (text: string): PodManifest => {
  const warnings: string[] = [];
  const documents = parseDocuments(text);
  const [pod, second] = documents.filter((document) => isPod(document, warnings));
  if (pod === undefined) throw badManifest('there is no pod in it');
  if (second !== undefined) throw badManifest('there is more than one pod in it');
  return { pod: isKubernetes(pod) ? readKubernetesPod(pod, warnings) : pod, warnings };
};

const parseDocuments = (text: string): Fields[] =>
  parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw badManifest(error.message);
    const value: unknown = document.toJS();
    if (value === null || value === undefined) return [];
    if (!isFields(value)) throw badManifest('it holds no object');
    return [value];
  });

const isKubernetes = ({ apiVersion, kind }: Fields): boolean =>
  typeof apiVersion === 'string' && typeof kind === 'string';

const isPod = (document: Fields, warnings: string[]): boolean => {
  if (!isKubernetes(document)) return true;
  const { apiVersion, kind } = document;
  if (kind === 'Pod' && apiVersion === 'v1') return true;
  warnings.push(`${String(kind)} of ${String(apiVersion)} is no Pod and was left out`);
  return false;
};
