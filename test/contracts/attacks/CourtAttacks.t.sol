// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ArchiveCourt} from "../../../contracts/courts/ArchiveCourt.sol";
import {RetrievalCourt} from "../../../contracts/courts/RetrievalCourt.sol";
import {IAdjudicator as A} from "../../../contracts/interfaces/IAdjudicator.sol";
import {IArchiveCourt} from "../../../contracts/interfaces/IArchiveCourt.sol";
import {INativeCustody} from "../../../contracts/interfaces/INativeCustody.sol";
import {IRetrievalCourt as I} from "../../../contracts/interfaces/IRetrievalCourt.sol";
import {DenyToken, FeeToken} from "../support/HostileTokens.sol";
import {CourtFixture} from "../support/CourtFixture.sol";
import {Trees} from "../support/Trees.sol";

/// @dev Takes native coin as it is told: quietly, never, with all the gas there is, or by calling back.
contract Taker {
    enum Mood {
        Quiet,
        Reverting,
        Burning,
        Reentering
    }

    Mood public mood;
    address private target;
    bytes private call;
    bool public reentered;
    bytes public refusal;

    function set(Mood mood_, address target_, bytes calldata call_) external {
        (mood, target, call) = (mood_, target_, call_);
    }

    function act(address to, bytes calldata data) external payable {
        (bool ok, bytes memory answer) = to.call{value: msg.value}(data);
        if (!ok) {
            assembly {
                revert(add(answer, 0x20), mload(answer))
            }
        }
    }

    receive() external payable {
        if (mood == Mood.Reverting) revert("no");
        if (mood == Mood.Burning) {
            while (true) {}
        }
        if (mood == Mood.Reentering) (reentered, refusal) = target.call(call);
    }
}

/// Numbered like the list of attacks in docs/contracts.md.
contract CourtAttacksTest is CourtFixture {
    // --- 8: payments that block ---

    function challengeBy(Taker taker, I.Receipt memory r) private {
        r.client = address(taker);
        bytes memory sig = signed(r);
        vm.deal(address(taker), 1 ether);
        vm.prank(address(taker));
        court.challenge{value: 1 ether}(r, sig);
    }

    function test_attack08_challengerThatTakesNoCoinBlocksNoConviction() public {
        Taker taker = new Taker();
        I.Receipt memory r = receipt();
        challengeBy(taker, r);
        taker.set(Taker.Mood.Reverting, address(0), "");
        toDraw();
        court.draw(r);
        skip(WINDOW + 1);
        eq(court.convict(r), LIABILITY, "slashed all the same");
        eq(court.claimableNative(address(taker)), 1 ether, "the bond waits");
        taker.set(Taker.Mood.Quiet, address(0), "");
        court.claimNative(address(taker));
        eq(address(taker).balance, 1 ether, "and comes");
    }

    function test_attack08_challengerThatBurnsGasBurnsLittle() public {
        Taker taker = new Taker();
        I.Receipt memory r = receipt();
        challengeBy(taker, r);
        taker.set(Taker.Mood.Burning, address(0), "");
        skip(WINDOW + 1);
        uint256 gas = gasleft();
        court.lapse(r);
        ok(gas - gasleft() < 150_000, "bounded");
        eq(court.claimableNative(address(taker)), 1 ether, "the bond waits");
    }

    function test_attack08_clientThatIsDenyListedGetsItsRewardLater() public {
        deployOver(IERC20(address(new DenyToken())));
        I.Receipt memory r = receipt();
        challengeInVain(r);
        DenyToken(address(token)).deny(bob, true, DenyToken.Manner.Revert);
        DenyToken(address(token)).deny(BURNED, true, DenyToken.Manner.Revert);
        eq(court.convict(r), LIABILITY, "slashed all the same");
        eq(bob.balance, 100 ether, "the bond is back");
        DenyToken(address(token)).deny(bob, false, DenyToken.Manner.Revert);
        staking.claim(bob);
        eq(token.balanceOf(bob), WEALTH + LIABILITY / 10, "paid in the end");
    }

    function test_attack08_clientThatIsDenyListedBlocksNoNotice() public {
        deployOver(IERC20(address(new DenyToken())));
        I.Receipt memory r = receipt();
        DenyToken(address(token)).deny(bob, true, DenyToken.Manner.False);
        vm.prank(alice);
        court.giveNotice(r);
        eq(court.claimable(bob), TEA, "the penalty waits for him");
    }

    function deployOver(IERC20 token_) private {
        deploy(token_);
        court = new RetrievalCourt(staking, courtParams());
        archive = new ArchiveCourt(staking, ARCHIVE_AGE, REWARD_BPS);
        fund(alice);
        fund(bob);
        id = provisioned(alice, node, STAKE);
        vm.prank(alice);
        token.approve(address(court), type(uint256).max);
    }

    // --- 11: slashed while thawing ---

    function test_attack11_whatThawsIsSlashed() public {
        I.Receipt memory r = receipt();
        ok(court.isCovered(r), "as its client checked");
        vm.prank(alice);
        staking.thaw(id, SERVICE, STAKE); // in the block in which the receipt was given
        vm.warp(r.until - 1); // the last moment to ask
        challenge(r);
        skip(WINDOW); // the last moment to draw
        vm.roll(block.number + 3);
        court.draw(r);
        skip(WINDOW + 1); // the first moment to convict
        eq(court.convict(r), LIABILITY, "still there");
        skip(STAKE_THAW);
        staking.withdraw(id, SERVICE);
        eq(token.balanceOf(alice), WEALTH - LIABILITY, "the rest leaves");
    }

    function test_attack11_droppingTheCourtComesTooLate() public {
        I.Receipt memory r = receipt();
        vm.prank(alice);
        staking.setAdjudicator(id, SERVICE, address(court), false);
        vm.warp(r.until - 1);
        challengeInVain(r);
        eq(court.convict(r), LIABILITY, "still accepted");
        I.Receipt memory next = receipt();
        (next.slot, next.until) = (1, next.from + 150);
        ok(!court.isCovered(next), "but no new receipt is covered");
    }

    function test_attack11_thawedAndNotYetWithdrawnIsSlashed() public {
        I.Receipt memory r = receipt();
        vm.prank(alice);
        staking.thaw(id, SERVICE, STAKE);
        vm.warp(r.until - 1);
        challengeInVain(r);
        skip(STAKE_THAW);
        eq(court.convict(r), LIABILITY, "what nobody withdrew is there");
    }

    // --- 15: challenging oneself to skip a thaw ---

    function test_attack15_challengingOneselfPaysATenth() public {
        I.Receipt memory r = receipt();
        (r.client, r.liability) = (alice, STAKE);
        challengeInVain(r);
        court.convict(r);
        eq(token.balanceOf(alice), WEALTH - STAKE + STAKE / 10, "nine tenths are burned");
        eq(alice.balance, 100 ether, "the bond is her own");
    }

    function test_attack15_anOperatorGainsNothingFromItsDelegatorsStake() public {
        uint32 small = provisioned(mallory, mallory, TEA);
        vm.startPrank(bob);
        token.approve(address(staking), type(uint256).max);
        staking.delegate(small, SERVICE, 99 * TEA, staking.provision(small, SERVICE).version);
        vm.stopPrank();
        I.Receipt memory r = receipt();
        (r.operator, r.client, r.liability) = (small, mallory, 100 * TEA);
        bytes memory sig = signature(malloryKey, court.receiptDigest(r));
        vm.prank(mallory);
        court.challenge{value: 1 ether}(r, sig);
        toDraw();
        court.draw(r);
        skip(WINDOW + 1);
        eq(court.convict(r), 100 * TEA, "her delegators' stake is taken too");
        eq(token.balanceOf(mallory), WEALTH - TEA + TEA / 10, "a tenth of her own is all she gets");
    }

    function test_attack15_equivocatingOneselfPaysATenth() public {
        uint64 hour = toNextHour();
        IArchiveCourt.ArchiveRoot memory one = archiveRoot(hour, tens(1));
        IArchiveCourt.ArchiveRoot memory two = archiveRoot(hour, tens(2));
        (one.liability, two.liability) = (STAKE, STAKE);
        afterHour(hour);
        archive.convictEquivocation(one, signed(one), two, signed(two), alice);
        eq(token.balanceOf(alice), WEALTH - STAKE + STAKE / 10, "nine tenths are burned");
    }

    // --- keys ---

    function test_rotatedKey_stillAnswersForWhatItSigned() public {
        I.Receipt memory r = receipt();
        bytes memory sig = signed(r);
        skip(5);
        vm.prank(alice);
        staking.setKeys(id, carol, alice);
        vm.prank(bob);
        court.challenge{value: 1 ether}(r, sig);
        toDraw();
        uint56 index = court.draw(r);
        answer(r, index);
        eq(carol.balance, 101 ether, "the node of today is paid");
    }

    function test_rotatedKey_signsNothingAfterItsTime() public {
        skip(5);
        vm.prank(alice);
        staking.setKeys(id, carol, alice);
        I.Receipt memory r = receipt(); // from the second of the rotation
        bytes memory stolen = signed(r);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(A.NotItsKey.selector, id, node));
        court.challenge{value: 1 ether}(r, stolen);
        bytes memory good = signature(carolKey, court.receiptDigest(r));
        vm.prank(bob);
        court.challenge{value: 1 ether}(r, good);
    }

    function test_newKey_signsNothingBeforeItsTime() public {
        I.Receipt memory r = receipt();
        skip(5);
        vm.prank(alice);
        staking.setKeys(id, carol, alice);
        bytes memory sig = signature(carolKey, court.receiptDigest(r));
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(A.NotItsKey.selector, id, carol));
        court.challenge{value: 1 ether}(r, sig);
    }

    function test_rotatedKey_speaksOfWholeHoursOnly() public {
        uint64 hour = toNextHour();
        skip(1_800);
        vm.prank(alice);
        staking.setKeys(id, carol, alice);
        afterHour(hour);
        IArchiveCourt.ArchiveRoot memory one = archiveRoot(hour, tens(1));
        IArchiveCourt.ArchiveRoot memory two = archiveRoot(hour, tens(2));
        bytes memory oneSig = signed(one);
        bytes memory twoSig = signature(carolKey, archive.rootDigest(two));
        vm.expectRevert(abi.encodeWithSelector(A.NotItsKey.selector, id, node));
        archive.convictEquivocation(one, oneSig, two, twoSig, mallory);
        vm.expectRevert(abi.encodeWithSelector(A.NotItsKey.selector, id, carol));
        archive.convictEquivocation(two, twoSig, one, oneSig, mallory);

        (one, two) = (archiveRoot(hour - 1, tens(1)), archiveRoot(hour - 1, tens(2)));
        (oneSig, twoSig) = (signed(one), signed(two));
        vm.expectRevert(abi.encodeWithSelector(A.NotItsKey.selector, id, node)); // named within that hour
        archive.convictEquivocation(one, oneSig, two, twoSig, mallory);
    }

    function test_foreignOperator_isNotLiableForAKeyThatAStrangerNames() public {
        uint32 strangers = provisioned(mallory, node, STAKE); // names alice's node key
        I.Receipt memory r = receipt();
        bytes memory sig = signed(r);
        r.operator = strangers; // what the node signed names alice's operator
        vm.prank(bob);
        vm.expectPartialRevert(A.NotItsKey.selector);
        court.challenge{value: 1 ether}(r, sig);
        eq(staking.operatorOf(node), id, "and the node still works for alice");
    }

    // --- receipts replayed ---

    function test_replay_onAnotherChainCourtOrOperator() public {
        I.Receipt memory r = receipt();
        bytes memory sig = signed(r);
        RetrievalCourt twin = new RetrievalCourt(staking, courtParams());
        vm.prank(alice);
        staking.setAdjudicator(id, SERVICE, address(twin), true);
        vm.prank(bob);
        vm.expectPartialRevert(A.NotItsKey.selector);
        twin.challenge{value: 1 ether}(r, sig);
        vm.chainId(block.chainid + 1);
        vm.prank(bob);
        vm.expectPartialRevert(A.NotItsKey.selector);
        court.challenge{value: 1 ether}(r, sig);
    }

    function test_replay_ofASlashedReceipt() public {
        I.Receipt memory r = receipt();
        bytes memory sig = signed(r);
        bytes32 rid = court.receiptId(r);
        challengeInVain(r);
        court.convict(r);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(I.WrongStage.selector, rid, I.Stage.Convicted));
        court.challenge{value: 1 ether}(r, sig);
        I.Receipt memory twin = receipt();
        twin.until = r.until;
        bytes memory twinSig = signed(twin);
        vm.expectRevert(abi.encodeWithSelector(A.AlreadyConvicted.selector, rid));
        court.convictPledgedTwice(twin, twinSig, r, sig, mallory);
        eq(staking.provision(id, SERVICE).tokens, STAKE - LIABILITY, "slashed once");
    }

    // --- challenges gamed ---

    function test_challenge_leafIsUnknownWhenItIsOpened() public {
        I.Receipt memory r = receipt();
        challenge(r);
        uint256 drawBlock = block.number + 2;
        eq(blockhash(drawBlock), bytes32(0), "nobody knows it");
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectPartialRevert(I.TooEarlyToDraw.selector);
            court.draw(r);
            vm.roll(block.number + 1);
        }
        uint56 index = court.draw(r);
        vm.roll(block.number + 9);
        vm.expectPartialRevert(I.WrongStage.selector); // and nobody draws again
        court.draw(r);
        eq(court.caseOf(court.receiptId(r)).index, index, "it stays");
    }

    function test_challenge_nobodyElseCanOccupyAReceipt() public {
        I.Receipt memory r = receipt();
        bytes memory sig = signed(r);
        vm.deal(node, 1 ether);
        vm.prank(node); // to answer itself for ever
        vm.expectRevert(abi.encodeWithSelector(I.NotClient.selector, bob, node));
        court.challenge{value: 1 ether}(r, sig);
    }

    /// A base fee of 0, as here, needs no bond; courts.test.ts shows the refusal.
    function test_challenge_bondsCannotBeSharedInAMulticall() public {
        I.Receipt memory r = receipt();
        I.Receipt memory s = receipt();
        s.slot = 1;
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(court.challenge, (r, signed(r)));
        calls[1] = abi.encodeCall(court.challenge, (s, signed(s)));
        vm.prank(bob);
        (bool sent, ) = address(court).call{value: 1 ether}(abi.encodeCall(court.multicall, (calls)));
        ok(!sent, "multicall takes no coin");
        vm.prank(bob);
        court.multicall(calls);
        eq(court.caseOf(court.receiptId(r)).bond, 0, "so there is none to count twice");
    }

    function test_answer_drawsAndAnswersInOneTransaction() public {
        I.Receipt memory r = receipt();
        bytes32 rid = challenge(r);
        uint256 bond = court.caseOf(rid).bond;
        uint256 drawBlock = block.number + 2;
        toDraw();
        uint256 index = uint256(keccak256(abi.encode(blockhash(drawBlock), rid))) % 5;
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(court.draw, (r));
        calls[1] = abi.encodeCall(court.answer, (r, leaves[index], Trees.path(leaves, index)));
        vm.prank(node);
        court.multicall(calls);
        eq(node.balance, bond, "no window is needed");
    }

    function test_answer_copiedByAnotherStillPaysTheNode() public {
        I.Receipt memory r = receipt();
        uint56 index = challengeAndDraw(r);
        bytes32[] memory path = Trees.path(leaves, index);
        vm.prank(mallory); // copies the node's transaction
        court.answer(r, leaves[index], path);
        ok(node.balance > 0 && mallory.balance == 100 ether, "and pays the gas for it");
    }

    function test_answer_ofAnEarlierChallengeIsNotOneOfTheNext() public {
        I.Receipt memory r = receipt();
        uint56 before = challengeAndDraw(r);
        answer(r, before);
        uint56 index = challengeAndDraw(r);
        for (uint256 i = 0; index == before && i < 30; ++i) {
            answer(r, index);
            index = challengeAndDraw(r);
        }
        bytes32[] memory path = Trees.path(leaves, before);
        bytes memory leaf = leaves[before];
        ok(index != before, "drawn anew");
        vm.expectRevert();
        court.answer(r, leaf, path);
    }

    function test_answer_innerNodesAreNoLeaves() public view {
        // content of 64 bytes that looks like two nodes, in a receipt over the real root
        bytes32[] memory path = Trees.path(leaves, 0);
        bytes32 left = keccak256(abi.encodePacked(bytes1(0x00), leaves[0]));
        bytes memory pair = abi.encodePacked(left, path[0]);
        bytes32 root = keccak256(abi.encodePacked(bytes1(0x01), pair));
        ok(!court.isLeaf(root, 64, 0, pair, new bytes32[](0)), "hashed apart");
        ok(
            !court.isLeaf(root, 65, 0, abi.encodePacked(bytes1(0x01), pair), new bytes32[](0)),
            "with its prefix too"
        );
    }

    // --- 21: re-entrancy, forced ether ---

    function test_attack21_reentrancyThroughTheBond() public {
        Taker taker = new Taker();
        I.Receipt memory r = receipt();
        challengeBy(taker, r);
        challengeOther();
        taker.set(Taker.Mood.Reentering, address(court), abi.encodeCall(court.claimNative, (address(taker))));
        skip(WINDOW + 1);
        uint256 before = address(court).balance;
        court.lapse(r);
        eq(address(court).balance, before - 1 ether, "paid once");
        refused(taker);
    }

    function test_attack21_reentrancyThroughAClaim() public {
        Taker taker = new Taker();
        I.Receipt memory r = receipt();
        challengeBy(taker, r);
        challengeOther();
        taker.set(Taker.Mood.Reverting, address(0), "");
        skip(WINDOW + 1);
        court.lapse(r);
        bytes memory again = abi.encodeCall(court.claimNative, (address(taker)));
        taker.set(Taker.Mood.Reentering, address(court), again);
        uint256 before = address(court).balance;
        court.claimNative(address(taker));
        eq(address(court).balance, before - 1 ether, "paid once");
        refused(taker);
        vm.expectRevert(abi.encodeWithSelector(INativeCustody.NothingNativeToClaim.selector, address(taker)));
        court.claimNative(address(taker));
    }

    function challengeOther() private {
        I.Receipt memory other = receipt();
        other.slot = 1;
        challenge(other);
    }

    function refused(Taker taker) private view {
        ok(!taker.reentered(), "the call back did not succeed");
        eq(
            bytes32(bytes4(taker.refusal())),
            bytes32(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector),
            "refused by the guard"
        );
    }

    function test_attack21_etherForcedInChangesNothing() public {
        I.Receipt memory r = receipt();
        bytes32 rid = challenge(r);
        uint256 bond = court.caseOf(rid).bond;
        vm.deal(address(court), bond + 5 ether);
        (bool sent, ) = address(court).call{value: 0}("");
        ok(!sent, "takes no coin that is no bond");
        toDraw();
        answer(r, court.draw(r));
        eq(node.balance, bond, "the bond, no more");
    }

    function test_attack21_aTokenWithAFeeStopsANotice() public {
        deployOver(IERC20(address(new DenyToken())));
        FeeToken fee = new FeeToken();
        vm.etch(address(token), address(fee).code);
        I.Receipt memory r = receipt();
        vm.prank(alice);
        vm.expectRevert();
        court.giveNotice(r);
    }

    // --- 22: overflow and narrowing ---

    function test_attack22_extremesOfAReceipt() public {
        I.Receipt memory r = receipt();
        (r.size, r.liability, r.slot) = (type(uint64).max, type(uint128).max, type(uint32).max);
        challengeInVain(r);
        ok(!court.isCovered(r), "covered by nothing");
        I.Receipt memory s = receipt();
        (s.size, s.liability, s.slot) = (1, type(uint128).max, type(uint32).max - 1);
        (s.from, s.until) = (r.from, r.until);
        (bytes memory rSig, bytes memory sSig) = (signed(r), signed(s));
        vm.expectPartialRevert(I.NotPledgedTwice.selector);
        court.convictPledgedTwice(r, rSig, s, sSig, mallory);
        eq(court.convict(r), STAKE, "saturates at the stake");
        vm.deal(bob, type(uint256).max / 2);
        vm.prank(bob);
        vm.expectRevert();
        court.challenge{value: uint256(type(uint96).max) + 1}(s, sSig);
    }

    function test_attack22_anHourBeyondAllTimes() public {
        IArchiveCourt.ArchiveRoot memory one = archiveRoot(type(uint64).max, tens(1));
        IArchiveCourt.ArchiveRoot memory two = archiveRoot(type(uint64).max, tens(2));
        (bytes memory a, bytes memory b) = (signed(one), signed(two));
        vm.expectRevert(
            abi.encodeWithSelector(
                IArchiveCourt.HourNotOver.selector,
                type(uint64).max,
                (uint256(type(uint64).max) + 1) * 3_600
            )
        );
        archive.convictEquivocation(one, a, two, b, mallory);
    }

    // --- 24, 25 ---

    function test_attack24_anAnswerCostsALogarithm() public {
        uint256 few = answerGas(4, 1);
        uint256 many = answerGas(24, 2); // 16 million leaves, 4 GiB
        ok(many < few + 20 * 2_000, "less than 2,000 gas for each doubling");
    }

    /// Content of 2^levels leaves, all alike, so that one path is enough.
    function answerGas(uint256 levels, uint32 slot) private returns (uint256 gas) {
        bytes memory leaf = leaves[0];
        bytes32[] memory path = new bytes32[](levels);
        bytes32 root = keccak256(abi.encodePacked(bytes1(0x00), leaf));
        for (uint256 i = 0; i < levels; ++i) {
            path[i] = root;
            root = keccak256(abi.encodePacked(bytes1(0x01), root, root));
        }
        I.Receipt memory r = receipt();
        (r.root, r.size, r.slot) = (root, uint64(256 << levels), slot);
        challengeAndDraw(r);
        gas = gasleft();
        court.answer(r, leaf, path);
        gas -= gasleft();
    }

    function test_attack25_aBondNeedsNobodysHelpToComeBack() public {
        I.Receipt memory r = receipt();
        challenge(r); // and nobody draws
        skip(WINDOW + 1);
        vm.prank(bob);
        court.lapse(r);
        I.Receipt memory s = receipt();
        challengeInVain(s); // and nobody answers
        vm.prank(bob);
        court.convict(s);
        eq(bob.balance, 100 ether, "both are back");
        eq(address(court).balance, 0, "nothing is left");
    }
}
