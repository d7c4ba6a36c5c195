#!/usr/bin/env bash
# Build Lucene Monitor from Debian's source once, and print the command that runs the harness.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build="$here/../../../var/lucene"
jars=$(printf '%s:' /usr/share/java/lucene-{core,memory,analyzers-common,queryparser}-8.*.jar)
command -v javac >/dev/null || { echo "javac is missing: apt install openjdk-17-jdk-headless liblucene8-java" >&2; exit 1; }
ls /usr/share/java/lucene-core-8.*.jar >/dev/null 2>&1 || { echo "apt install liblucene8-java" >&2; exit 1; }
if [ ! -e "$build/classes/Answers.class" ]; then
  mkdir -p "$build/sources" "$build/lists" "$build/classes"
  sed 's/^Types: deb$/Types: deb-src/' /etc/apt/sources.list.d/*.sources > "$build/lists/source.sources" 2>/dev/null || true
  apt=(apt-get -o "Dir::Etc::sourceparts=$build/lists" -o "Dir::Etc::sourcelist=/dev/null" -o "Dir::State::lists=$build/state" -qq)
  mkdir -p "$build/state/partial"
  "${apt[@]}" update >&2
  # The packaging is not needed, and a mirror may no longer have it: the original source is enough.
  (cd "$build/sources" && { "${apt[@]}" source --download-only lucene8 >&2 || true; })
  tar -C "$build/sources" -xf "$build"/sources/lucene8_*.orig.tar.xz --wildcards '*/monitor/src/java/*'
fi
if [ ! -e "$build/classes/Answers.class" ] || [ "$here/Answers.java" -nt "$build/classes/Answers.class" ]; then
  find "$build/sources" -path '*/monitor/src/java/*' -name '*.java' > "$build/files"
  javac -nowarn -d "$build/classes" -cp "$jars" @"$build/files" "$here/Answers.java" >&2
fi
echo "java -Xmx4g -cp $build/classes:$jars Answers"
