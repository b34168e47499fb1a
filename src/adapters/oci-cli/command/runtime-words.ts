/** Why a program could not be run, in the words Docker's clients know, and the code a shell would give. */
export type Explanation = { readonly detail: string; readonly exitCode: 126 | 127 };

/** runc's log line: `time="..." level=error msg="..."`. */
const runcLine = /msg="((?:[^"\\]|\\.)*)"/;
/** What runc puts before the reason, outermost first. */
const runcPrefixes = [/^runc \w+ failed: /, /^exec failed: /, /^unable to start container process: /];

/**
 * `text` is what crun or runc wrote to stderr; `executable` the first argument of the process. Texts that
 * are not known stay as they are.
 */
export const explainFailure = (text: string, executable: string): Explanation => {
  const words = plainWords(text);
  const detail = translateCrun(words, executable) ?? words;
  return { detail, exitCode: exitCodeOf(detail) };
};

const plainWords = (text: string): string => {
  const lines = text.split('\n').map((line) => line.trim());
  const told = lines.filter((line) => line !== '');
  const logged = told.map((line) => runcLine.exec(line)?.[1]).findLast((message) => message !== undefined);
  if (logged === undefined) return told.join('; ');
  let words = unquote(logged);
  for (const prefix of runcPrefixes) words = words.replace(prefix, '');
  return words;
};

const unquote = (text: string): string => {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    // Not JSON's kind of quoting: better raw than nothing.
    return text;
  }
};

const translateCrun = (words: string, executable: string): string | undefined => {
  const name = `exec: "${executable}"`;
  if (/^executable file `.*` not found in \$PATH/s.test(words)) {
    return executable.includes('/')
      ? `${name}: stat ${executable}: no such file or directory`
      : `${name}: executable file not found in $PATH`;
  }
  // For crun the folders of the path themselves are what it looks for.
  if (executable === '' && words.startsWith('open executable: '))
    return `${name}: executable file not found in $PATH`;
  // crun answers EPERM for a folder.
  if (/^open executable: (Permission denied|Operation not permitted)/.test(words))
    return `${name}: permission denied`;
  const folder = /^chdir `(.*)`: (.*)$/s.exec(words);
  if (folder?.[1] !== undefined && folder[2] !== undefined) {
    return `chdir to cwd ("${folder[1]}") set in config.json failed: ${folder[2].toLowerCase()}`;
  }
  const refused = /^exec(?: container process(?: \(missing dynamic library\?\))?(?: `.*`)?)?: (.*)$/s.exec(
    words,
  );
  if (refused?.[1] !== undefined && !words.startsWith('exec: "'))
    return `${name}: ${refused[1].toLowerCase()}`;
  return undefined;
};

const exitCodeOf = (detail: string): 126 | 127 =>
  /executable file not found|no such file or directory/i.test(detail) ? 127 : 126;
