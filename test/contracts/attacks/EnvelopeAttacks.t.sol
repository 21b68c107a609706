// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {ISigned} from "../../../contracts/interfaces/ISigned.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {IRedEnvelope as I} from "../../../contracts/interfaces/IRedEnvelope.sol";
import {ITokenCustody} from "../../../contracts/interfaces/ITokenCustody.sol";
import {RedEnvelope} from "../../../contracts/payments/RedEnvelope.sol";
import {BelievingVerifier, EnvelopeFixture} from "../support/EnvelopeFixture.sol";

/// Numbered like the list of attacks in docs/contracts.md.
contract EnvelopeAttacksTest is EnvelopeFixture {
    I.Share[] private shares;
    I.Terms private t;
    bytes32 private id;

    function setUp() public override {
        super.setUp();
        I.Share[] memory five = sharesOf(5);
        for (uint256 i = 0; i < five.length; ++i) shares.push(five[i]);
        t = termsOf(five);
        id = createEnvelope(t);
    }

    function refused(I.Terms memory terms, I.Share memory share, uint256 path, bytes memory sig) private {
        bytes32[] memory siblings = pathOf(shares, path);
        vm.prank(mallory);
        (bool worked, ) = address(envelopes).call(
            abi.encodeCall(I.claimShare, (terms, share, siblings, mallory, sig))
        );
        ok(!worked, "refused");
    }

    function test_attack18_nobodyChoosesAShare() public {
        // mallory holds the key of share 0 (10) and wants share 4 (50): every mixture of the two is refused.
        bytes memory sig = signClaim(0, id, mallory);
        I.Share memory low = shares[0];
        I.Share memory high = shares[4];
        refused(t, high, 4, sig);
        refused(t, I.Share(high.index, high.amount, low.key), 4, sig);
        refused(t, I.Share(low.index, high.amount, low.key), 0, sig);
        refused(t, I.Share(high.index, low.amount, low.key), 0, sig);
        eq(claimFor(t, shares, 0, mallory), 10, "its own share and no other");
    }

    function testFuzz_attack18_noOtherIndexAmountOrKeyHasThatPath(I.Share memory share, uint8 path) public {
        for (uint256 i = 0; i < shares.length; ++i) {
            bool same = share.index == shares[i].index && share.amount == shares[i].amount;
            vm.assume(!same || share.key != shares[i].key);
        }
        share.index = share.index % 5;
        refused(t, share, path % 5, signClaim(share.index, id, mallory));
    }

    /// An inner node can't be passed off as a leaf, nor a path of another length as a proof.
    function test_attack18_innerNodesAreNoShares() public {
        bytes32[] memory short = new bytes32[](1);
        bytes32[] memory full = pathOf(shares, 0);
        short[0] = full[full.length - 1];
        bytes memory sig = signClaim(0, id, mallory);
        vm.expectRevert(abi.encodeWithSelector(I.NotAShare.selector, id, shares[0]));
        envelopes.claimShare(t, shares[0], short, mallory, sig);
        bytes32[] memory none = new bytes32[](0);
        vm.expectRevert(abi.encodeWithSelector(I.NotAShare.selector, id, shares[0]));
        envelopes.claimShare(t, shares[0], none, mallory, sig);
    }

    function test_attack18_twoShares() public {
        claimFor(t, shares, 2, mallory);
        address[2] memory recipients = [mallory, bob];
        bytes32[] memory path = pathOf(shares, 2);
        for (uint256 i = 0; i < 2; ++i) {
            bytes memory sig = signClaim(2, id, recipients[i]);
            vm.expectRevert(abi.encodeWithSelector(I.AlreadyClaimed.selector, id, 2));
            envelopes.claimShare(t, shares[2], path, recipients[i], sig);
        }
        // nor by a member of a group who comes again with another recipient
        I.Terms memory gated = gatedTerms(3);
        bytes32 gatedId = createEnvelope(gated);
        claimGatedFor(gated, 9, mallory);
        uint256[8] memory proof = proofOf(gated, bob, 9);
        vm.expectRevert(abi.encodeWithSelector(I.NullifierUsed.selector, gatedId, 9));
        envelopes.claimGatedShare(gated, bob, 9, proof);
    }

    function test_attack18_signatureIsBoundToTheRecipient() public {
        bytes memory sig = signClaim(1, id, bob);
        bytes32[] memory path = pathOf(shares, 1);
        vm.prank(mallory); // has seen bob's claim on its way
        vm.expectPartialRevert(I.WrongSigner.selector);
        envelopes.claimShare(t, shares[1], path, mallory, sig);
        vm.prank(mallory); // sends it herself: it pays bob
        envelopes.claimShare(t, shares[1], path, bob, sig);
        eq(token.balanceOf(bob), 2 * WEALTH + 20, "bob is paid, whoever sends it");
    }

    function test_attack18_signatureIsBoundToTheEnvelopeContractAndChain() public {
        bytes memory sig = signClaim(1, id, bob);
        bytes32[] memory path = pathOf(shares, 1);
        I.Terms memory second = t; // the same shares and keys once more
        second.salt = "second";
        createEnvelope(second);
        vm.expectPartialRevert(I.WrongSigner.selector);
        envelopes.claimShare(second, shares[1], path, bob, sig);

        RedEnvelope twin = new RedEnvelope(token, new BelievingVerifier());
        vm.startPrank(alice);
        token.approve(address(twin), t.amount);
        twin.create(t);
        vm.stopPrank();
        vm.expectPartialRevert(I.WrongSigner.selector);
        twin.claimShare(t, shares[1], path, bob, sig);

        vm.chainId(block.chainid + 1); // a fork: the envelope has another name there
        vm.expectPartialRevert(I.NothingLeft.selector);
        envelopes.claimShare(t, shares[1], path, bob, sig);
    }

    function test_attack18_surplusComesBack() public {
        I.Terms memory generous = t;
        generous.salt = "generous";
        generous.amount = t.amount + 1_000; // more than the shares add up to
        createEnvelope(generous);
        for (uint256 i = 0; i < 5; ++i) claimFor(generous, shares, i, bob);
        vm.warp(generous.expiry);
        eq(envelopes.refund(generous), 1_000, "no share's value is stuck");
        eq(envelopes.refund(t), t.amount, "nor an envelope's");
        eq(token.balanceOf(address(envelopes)), 0, "nothing stays");
    }

    /// A root that lies about the amounts takes only what its own envelope holds.
    function test_attack18_aLyingRootTakesNoMoreThanItsEnvelope() public {
        I.Share[] memory lies = sharesOf(3);
        lies[1].amount = type(uint128).max;
        lies[2].amount = 1;
        I.Terms memory lying = termsOf(sharesOf(3));
        lying.root = rootOf(lies);
        lying.creator = mallory;
        createEnvelope(lying);
        eq(claimFor(lying, lies, 0, bob), 10, "first come");
        eq(claimFor(lying, lies, 1, bob), 50, "until it is empty");
        vm.expectPartialRevert(I.NothingLeft.selector);
        envelopes.claimShare(lying, lies[2], new bytes32[](0), bob, "");
        eq(token.balanceOf(address(envelopes)), t.amount, "the others' money is untouched");
    }

    /// Two leaves with one index are one share.
    function test_attack18_aLyingRootPaysAnIndexOnce() public {
        I.Share[] memory lies = sharesOf(3);
        lies[1].index = 0;
        I.Terms memory lying = termsOf(lies);
        bytes32 lyingId = createEnvelope(lying);
        claimFor(lying, lies, 0, bob);
        bytes memory sig = signature(claimKey(1), envelopes.claimDigest(lyingId, bob));
        bytes32[] memory path = pathOf(lies, 1);
        vm.expectRevert(abi.encodeWithSelector(I.AlreadyClaimed.selector, lyingId, 0));
        envelopes.claimShare(lying, lies[1], path, bob, sig);
    }

    function test_attack18_claimAfterExpiry() public {
        bytes memory sig = signClaim(1, id, bob);
        bytes32[] memory path = pathOf(shares, 1);
        vm.warp(t.expiry);
        vm.expectRevert(abi.encodeWithSelector(I.EnvelopeExpired.selector, id, t.expiry));
        envelopes.claimShare(t, shares[1], path, bob, sig);
        envelopes.refund(t);
        vm.expectRevert(abi.encodeWithSelector(I.NothingLeft.selector, id));
        envelopes.claimShare(t, shares[1], path, bob, sig);
    }

    function test_attack18_creatorCannotTakeItBackEarly() public {
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.NotExpired.selector, id, t.expiry));
        envelopes.refund(t);
        I.Terms memory sooner = t;
        sooner.expiry = uint40(block.timestamp);
        vm.expectPartialRevert(I.NothingLeft.selector);
        envelopes.refund(sooner);
        vm.stopPrank();
    }

    /// The signature of a creation can't be used for other terms, twice, or on a twin of the contract.
    function test_attack18_creationReplayedElsewhere() public {
        uint40 deadline = type(uint40).max;
        I.Terms memory second = t;
        second.salt = "second";
        bytes memory sig = signature(aliceKey, envelopes.createDigest(second, deadline));
        envelopes.createFor(second, deadline, sig);
        vm.expectPartialRevert(I.EnvelopeExists.selector);
        envelopes.createFor(second, deadline, sig);
        second.root = "mallory's";
        vm.expectPartialRevert(ISigned.BadSignature.selector);
        envelopes.createFor(second, deadline, sig);
        second.root = t.root;
        RedEnvelope twin = new RedEnvelope(token, new BelievingVerifier());
        vm.expectPartialRevert(ISigned.BadSignature.selector);
        twin.createFor(second, deadline, sig);
        vm.warp(second.expiry);
        envelopes.refund(second);
        vm.expectRevert(I.BadTerms.selector);
        envelopes.createFor(second, deadline, sig);
    }

    function test_attack09_permitFrontRun() public {
        I.Terms memory second = t;
        second.salt = "second";
        vm.prank(alice);
        token.approve(address(envelopes), 0);
        uint40 deadline = uint40(block.timestamp);
        bytes memory sig = signature(aliceKey, envelopes.createDigest(second, deadline));
        (uint8 v, bytes32 r, bytes32 s) = signPermit(aliceKey, address(envelopes), t.amount);
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(ITokenCustody.tryPermitFor, (alice, t.amount, deadline, v, r, s));
        calls[1] = abi.encodeCall(I.createFor, (second, deadline, sig));
        vm.prank(mallory); // uses alice's permit before her
        ERC20Permit(address(token)).permit(alice, address(envelopes), t.amount, deadline, v, r, s);
        envelopes.multicall(calls);
        eq(envelopes.envelope(envelopes.envelopeId(second)).left, t.amount, "created all the same");
    }

    function test_attack10_codeAtAClaimKeyChangesNothing() public {
        vm.etch(shares[1].key, hex"60006000fd"); // EIP-7702: refuses whatever it is asked
        eq(claimFor(t, shares, 1, bob), 20, "a signature given stays given");
    }

    function test_attack22_largestAmounts() public {
        uint128 most = type(uint128).max;
        (address rich, ) = account("rich");
        allow(rich);
        I.Share[] memory lies = sharesOf(2);
        lies[0].amount = most;
        lies[1].amount = most;
        I.Terms memory big = termsOf(sharesOf(2));
        big.root = rootOf(lies);
        big.creator = rich;
        big.amount = uint128(WEALTH);
        createEnvelope(big);
        eq(claimFor(big, lies, 0, bob), WEALTH, "no more than there is");
        I.Terms memory gated = gatedTerms(1);
        gated.amount = most;
        vm.expectRevert(); // alice has less
        vm.prank(alice);
        envelopes.create(gated);
    }

    /// Terms with bits above a field's width can't be created, and have another name.
    function test_attack22_dirtyBitsInTerms() public {
        bytes memory clean = abi.encodeCall(I.refund, (t));
        vm.warp(t.expiry);
        uint256[4] memory words = [uint256(0), 1, 2, 3]; // creator, amount, shares, expiry
        for (uint256 i = 0; i < words.length; ++i) {
            bytes memory dirty = bytes.concat(clean);
            dirty[4 + 32 * words[i]] = 0x01;
            (bool worked, ) = address(envelopes).call(dirty);
            ok(!worked, "refused");
        }
        (bool works, ) = address(envelopes).call(clean);
        ok(works, "the clean ones work");
    }

    function test_attack24_costOfAClaimDoesNotGrow() public {
        I.Share[] memory many = sharesOf(128);
        I.Terms memory big = termsOf(many);
        bytes32 bigId = createEnvelope(big);
        uint256 second;
        for (uint256 i = 0; i < 128; ++i) {
            uint256 gas = this.measure(big, many[i], pathOf(many, i), signClaim(i, bigId, bob));
            if (i == 1) second = gas;
            if (i > 1) ok(gas <= second + 100, "the last claim costs what the second did");
        }
    }

    /// @dev A call of its own, so that the memory of this test has no part in the cost.
    function measure(
        I.Terms calldata terms,
        I.Share calldata share,
        bytes32[] calldata path,
        bytes calldata sig
    ) external returns (uint256 gas) {
        gas = gasleft();
        envelopes.claimShare(terms, share, path, bob, sig);
        gas -= gasleft();
    }

    function test_attack25_refundNeedsNobodyElse() public {
        // No recipient ever answers, and alice has lost her key: a stranger's call still pays her.
        vm.warp(t.expiry);
        uint256 before = token.balanceOf(alice);
        vm.prank(mallory);
        envelopes.refund(t);
        eq(token.balanceOf(alice) - before, t.amount, "all back");
    }
}
