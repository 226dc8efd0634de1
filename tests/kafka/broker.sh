#!/bin/sh
# A real Apache Kafka for tests: one node, its own folder, free ports.
#
#   tests/kafka/broker.sh start DIR     DIR/bootstrap says HOST:PORT, DIR/pid the process;
#                                       a DIR that was used before goes on at the same address
#                                       with POSTHORN_BROKER_FOR=PID it ends when that process does
#   tests/kafka/broker.sh stop DIR      waits until it is gone; DIR stays
#   tests/kafka/broker.sh fetch         only fills the cache with the jars
#
# The jars come from Maven Central into ${XDG_CACHE_HOME:-$HOME/.cache}/posthorn/kafka-VERSION, once.
# Needs Java 17 or later and Maven (openjdk-17-jre-headless, maven).  Exit 69: something is missing.
set -eu

version=4.3.1
binding=2.24.3
cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/posthorn/kafka-$version

fail() {
	echo "broker.sh: $1" >&2
	exit 69
}

usage() {
	echo "usage: broker.sh start DIR | stop DIR | fetch" >&2
	exit 64
}

fetch() {
	[ -e "$cache/complete" ] && return
	command -v mvn >/dev/null || fail "Maven is missing: apt-get install maven"
	mkdir -p "$cache"
	# one at a time: several tests may come at once
	exec 9>"$cache/lock"
	flock -w 300 9 || fail "another process has been fetching the jars for five minutes; try again"
	if [ ! -e "$cache/complete" ]; then
		cat >"$cache/pom.xml" <<-POM
			<project xmlns="http://maven.apache.org/POM/4.0.0">
			  <modelVersion>4.0.0</modelVersion>
			  <groupId>posthorn</groupId><artifactId>broker</artifactId><version>1</version>
			  <packaging>pom</packaging>
			  <dependencies>
			    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId>
			      <version>$version</version></dependency>
			    <dependency><groupId>org.apache.logging.log4j</groupId>
			      <artifactId>log4j-slf4j-impl</artifactId><version>$binding</version></dependency>
			  </dependencies>
			</project>
		POM
		echo "broker.sh: fetching Apache Kafka $version (43 MB) with Maven, once" >&2
		timeout 300 mvn -q -B -f "$cache/pom.xml" dependency:copy-dependencies \
			-DincludeScope=runtime -DoutputDirectory="$cache/libs" >&2 ||
			fail "Maven could not fetch Apache Kafka $version; is the network there?"
		: >"$cache/complete"
	fi
	exec 9>&-
}

# Two ports that nobody has now; somebody may be faster, so start tries again.
free_ports() {
	n=0
	while [ $n -lt 2 ]; do
		port=$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')
		port=$((20000 + port % 12000))
		hex=$(printf '%04X' "$port")
		grep -qs ":$hex " /proc/net/tcp /proc/net/tcp6 && continue
		echo "$port"
		n=$((n + 1))
	done
}

# A killed process that nobody has waited for yet is dead, though it still has its number.
alive() {
	kill -0 "$1" 2>/dev/null && ! grep -qs '^State:[[:space:]]*Z' "/proc/$1/status"
}

# Is the listener up?  `start` then asks for metadata through the log of the broker itself.
answers() {
	grep -qs "Kafka Server started" "$1/log"
}

launch() {
	dir=$1
	# who comes back after a stop is looked for at the same address
	if [ "$2" -eq 1 ] && [ -s "$dir/ports" ]; then
		read -r port controller <"$dir/ports"
		set -- "$port" "$controller"
	else
		# shellcheck disable=SC2046
		set -- $(free_ports)
		echo "$1 $2" >"$dir/ports"
	fi
	cat >"$dir/server.properties" <<-CONF
		process.roles=broker,controller
		node.id=1
		listeners=PLAINTEXT://127.0.0.1:$1,CONTROLLER://127.0.0.1:$2
		advertised.listeners=PLAINTEXT://127.0.0.1:$1
		inter.broker.listener.name=PLAINTEXT
		controller.listener.names=CONTROLLER
		listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
		controller.quorum.bootstrap.servers=127.0.0.1:$2
		log.dirs=$dir/data
		num.partitions=8
		auto.create.topics.enable=false
		offsets.topic.replication.factor=1
		offsets.topic.num.partitions=3
		transaction.state.log.replication.factor=1
		transaction.state.log.min.isr=1
		transaction.state.log.num.partitions=3
		share.coordinator.state.topic.replication.factor=1
		share.coordinator.state.topic.min.isr=1
		group.initial.rebalance.delay.ms=0
		log.cleaner.dedupe.buffer.size=2097152
		num.network.threads=2
		num.io.threads=2
	CONF
	class_path="$cache/libs/*:$dir"
	if [ ! -e "$dir/data/meta.properties" ]; then
		id=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n' | cut -c1-22)
		timeout 60 java -Xmx128m -XX:-UsePerfData -Djava.io.tmpdir="$dir" -cp "$class_path" \
			kafka.tools.StorageTool format --standalone -t "$id" \
			-c "$dir/server.properties" >"$dir/format.log" 2>&1 ||
			fail "could not format $dir/data, see $dir/format.log"
	fi
	: >"$dir/log"
	# its temporary files go with its folder
	setsid java -Xms128m -Xmx384m -XX:+UseSerialGC -Djava.awt.headless=true \
		-XX:-UsePerfData -Djava.io.tmpdir="$dir" -cp "$class_path" \
		kafka.Kafka "$dir/server.properties" >>"$dir/log" 2>&1 </dev/null &
	pid=$!
	echo "$pid" >"$dir/pid"
	if [ -n "${POSTHORN_BROKER_FOR-}" ]; then
		setsid sh -c 'while kill -0 "$1" && kill -0 "$2"; do sleep 1; done; kill "$2"' \
			watch "$POSTHORN_BROKER_FOR" "$pid" >/dev/null 2>&1 </dev/null &
	fi
	port=$1
	n=0
	while [ $n -lt 600 ]; do
		alive "$pid" || return 1
		if answers "$dir"; then
			echo "127.0.0.1:$port" >"$dir/bootstrap.tmp"
			mv "$dir/bootstrap.tmp" "$dir/bootstrap"
			return 0
		fi
		sleep 0.1
		n=$((n + 1))
	done
	kill -9 "$pid" 2>/dev/null || :
	return 1
}

start() {
	command -v java >/dev/null || fail "Java is missing: apt-get install openjdk-17-jre-headless"
	fetch
	mkdir -p "$1"
	dir=$(cd "$1" && pwd)
	if [ -s "$dir/pid" ] && alive "$(cat "$dir/pid")"; then
		fail "a broker runs in $dir already (process $(cat "$dir/pid"))"
	fi
	rm -f "$dir/bootstrap"
	cat >"$dir/log4j2.properties" <<-LOG
		appender.out.type=Console
		appender.out.name=out
		appender.out.layout.type=PatternLayout
		appender.out.layout.pattern=%d %p %m%n
		rootLogger.level=warn
		rootLogger.appenderRef.out.ref=out
		logger.server.name=kafka.server.KafkaRaftServer
		logger.server.level=info
	LOG
	for try in 1 2 3; do
		if launch "$dir" "$try"; then
			cat "$dir/bootstrap"
			return
		fi
		echo "broker.sh: attempt $try failed: $(tail -n 1 "$dir/log")" >&2
	done
	fail "Kafka did not start, see $dir/log"
}

stop() {
	[ -s "$1/pid" ] || fail "no broker was started in $1"
	pid=$(cat "$1/pid")
	kill "$pid" 2>/dev/null || :
	n=0
	while alive "$pid"; do
		[ $n -eq 100 ] && kill -9 "$pid" 2>/dev/null
		[ $n -gt 150 ] && fail "process $pid does not end"
		sleep 0.1
		n=$((n + 1))
	done
	rm -f "$1/pid" "$1/bootstrap"
}

case "${1-}:$#" in
start:2) start "$2" ;;
stop:2) stop "$2" ;;
fetch:1) fetch ;;
*) usage ;;
esac
