// Holds a file of posts against a file of queries with Lucene Monitor, and prints what matched and how long it took.
//
// Queries: a line each, "id<TAB>tree"; trees in brackets: ( AND a b ), ( OR a b ), ( NOT a ), ( ROW word word ), ( NEAR n sides ),
// words "w:word", beginnings "p:word". Posts: a line each, words parted by spaces, as they are to be compared.
import java.lang.management.*;
import java.nio.file.*;
import java.util.*;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.document.*;
import org.apache.lucene.index.Term;
import org.apache.lucene.monitor.*;
import org.apache.lucene.search.*;
import org.apache.lucene.search.spans.*;

public class Answers {
  static String[] pieces;
  static int at;
  static final int ROUNDS = 3;

  static Query tree() {
    String piece = pieces[at++];
    if (piece.startsWith("w:")) return new TermQuery(new Term("t", piece.substring(2)));
    if (piece.startsWith("p:")) return new PrefixQuery(new Term("t", piece.substring(2)));
    String kind = pieces[at++];
    if (kind.equals("ROW")) {
      PhraseQuery.Builder row = new PhraseQuery.Builder();
      while (!pieces[at].equals(")")) row.add(new Term("t", pieces[at++].substring(2)));
      at++;
      return row.build();
    }
    if (kind.equals("NEAR")) {
      int slop = Integer.parseInt(pieces[at++]);
      SpanQuery[] sides = {side(), side()};
      at++;
      return new SpanNearQuery(sides, slop, false);
    }
    BooleanQuery.Builder all = new BooleanQuery.Builder();
    if (kind.equals("NOT")) all.add(new MatchAllDocsQuery(), BooleanClause.Occur.MUST);
    while (!pieces[at].equals(")")) {
      BooleanClause.Occur how = kind.equals("AND") ? BooleanClause.Occur.MUST : kind.equals("OR") ? BooleanClause.Occur.SHOULD : BooleanClause.Occur.MUST_NOT;
      all.add(tree(), how);
    }
    at++;
    return all.build();
  }

  static SpanQuery side() {
    Query query = tree();
    if (query instanceof TermQuery) return new SpanTermQuery(((TermQuery) query).getTerm());
    if (query instanceof PrefixQuery) return new SpanMultiTermQueryWrapper<>((PrefixQuery) query);
    if (query instanceof PhraseQuery) {
      List<SpanQuery> words = new ArrayList<>();
      for (Term term : ((PhraseQuery) query).getTerms()) words.add(new SpanTermQuery(term));
      return new SpanNearQuery(words.toArray(new SpanQuery[0]), 0, true);
    }
    List<SpanQuery> sides = new ArrayList<>();
    for (BooleanClause clause : ((BooleanQuery) query).clauses()) sides.add(asSpan(clause.getQuery()));
    return new SpanOrQuery(sides.toArray(new SpanQuery[0]));
  }

  static SpanQuery asSpan(Query query) {
    if (query instanceof TermQuery) return new SpanTermQuery(((TermQuery) query).getTerm());
    return new SpanMultiTermQueryWrapper<>((PrefixQuery) query);
  }

  public static void main(String[] given) throws Exception {
    BooleanQuery.setMaxClauseCount(1 << 20);
    Presearcher presearcher = new TermFilteredPresearcher(TermFilteredPresearcher.DEFAULT_WEIGHTOR, Arrays.asList(new RegexpQueryHandler()), Collections.emptySet());
    try (Monitor monitor = new Monitor(new WhitespaceAnalyzer(), presearcher)) {
      List<MonitorQuery> queries = new ArrayList<>();
      for (String line : Files.readAllLines(Paths.get(given[0]))) {
        int tab = line.indexOf('\t');
        pieces = line.substring(tab + 1).split(" ");
        at = 0;
        queries.add(new MonitorQuery(line.substring(0, tab), tree()));
      }
      monitor.register(queries);
      List<String> posts = Files.readAllLines(Paths.get(given[1]));
      int batch = Integer.parseInt(given[2]);
      StringBuilder out = new StringBuilder();
      // Rounds before the last let the machine compile what runs often; only the last counts, in this thread's processor time.
      ThreadMXBean clock = ManagementFactory.getThreadMXBean();
      long spent = 0;
      for (int round = 0; round < ROUNDS; round++) {
        out.setLength(0);
        spent = 0;
        for (int from = 0; from < posts.size(); from += batch) {
          int to = Math.min(posts.size(), from + batch);
          Document[] documents = new Document[to - from];
          for (int k = from; k < to; k++) {
            documents[k - from] = new Document();
            documents[k - from].add(new TextField("t", posts.get(k), Field.Store.NO));
          }
          long begun = clock.getCurrentThreadCpuTime();
          MultiMatchingQueries<QueryMatch> found = monitor.match(documents, QueryMatch.SIMPLE_MATCHER);
          spent += clock.getCurrentThreadCpuTime() - begun;
          for (int k = from; k < to; k++)
            for (QueryMatch match : found.getMatches(k - from)) out.append(k).append('\t').append(match.getQueryId()).append('\n');
        }
      }
      Files.write(Paths.get(given[3]), out.toString().getBytes());
      System.out.println(spent / 1e9);
    }
  }
}
