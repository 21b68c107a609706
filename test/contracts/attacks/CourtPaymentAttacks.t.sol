// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {INativeCustody} from "../../../contracts/interfaces/INativeCustody.sol";
import {IRetrievalCourt as I} from "../../../contracts/interfaces/IRetrievalCourt.sol";
import {DenyToken, FeeToken} from "../support/HostileTokens.sol";
import {CourtFixture} from "../support/CourtFixture.sol";
import {Taker} from "../support/Taker.sol";

/// Bonds, rewards and penalties. Numbered like the list of attacks in docs/contracts.md.
contract CourtPaymentAttacksTest is CourtFixture {
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
        fund(alice);
        fund(bob);
        useCourts();
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

    // --- 25: no exit is blocked ---

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
