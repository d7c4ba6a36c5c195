#!/usr/bin/env bash
# Build Lucene Monitor from Debian's source once, and print the command that runs the harness.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build="$(cd "$here/../../.." && pwd)/var/lucene"
needed="make test-slow installs openjdk-17-jdk-headless, liblucene8-java and dpkg-dev when root runs it"
command -v javac >/dev/null || { echo "javac is missing: $needed" >&2; exit 1; }
ls /usr/share/java/lucene-core-8.*.jar >/dev/null 2>&1 || { echo "Lucene 8 is missing: $needed" >&2; exit 1; }
jars=$(printf '%s:' /usr/share/java/lucene-{core,memory,analyzers-common,queryparser}-8.*.jar)
if ! ls "$build"/sources/lucene8_*.orig.tar.xz >/dev/null 2>&1; then
  mkdir -p "$build/sources" "$build/parts" "$build/state/partial" "$build/cache/archives/partial"
  # Sources are asked of the archives that this machine installs from, by a list of its own: the machine's stay as they are.
  apt-get indextargets --format 'deb-src $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' | sort -u > "$build/sources.list"
  apt=(apt-get -qq -o "Dir::Etc::sourcelist=$build/sources.list" -o "Dir::Etc::sourceparts=$build/parts" -o "Dir::State::lists=$build/state" -o "Dir::Cache=$build/cache")
  "${apt[@]}" update >&2
  # The packaging is not needed, and a mirror may no longer have it: the original source is enough.
  (cd "$build/sources" && { "${apt[@]}" source --download-only lucene8 >&2 || true; })
fi
if [ ! -e "$build/classes/Answers.class" ] || [ "$here/Answers.java" -nt "$build/classes/Answers.class" ]; then
  mkdir -p "$build/classes"
  tar -C "$build/sources" -xf "$build"/sources/lucene8_*.orig.tar.xz --wildcards '*/monitor/src/java/*'
  find "$build/sources" -path '*/monitor/src/java/*' -name '*.java' > "$build/files"
  javac -nowarn -d "$build/classes" -cp "$jars" @"$build/files" "$here/Answers.java" >&2
fi
echo "java -Xmx4g -cp $build/classes:$jars Answers"
