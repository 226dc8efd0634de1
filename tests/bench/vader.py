"""vader.py < texts: VADER's polarity of each line; prints how many were of which sign."""
import sys

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

analyzer = SentimentIntensityAnalyzer()
signs = [0, 0, 0]
for line in sys.stdin.buffer:
    compound = analyzer.polarity_scores(line.decode("utf-8"))["compound"]
    signs[(compound > 0) - (compound < 0)] += 1
print("neutral %d, positive %d, negative %d" % tuple(signs))
